/** Parts of Bootstrap that the application does not use; take a line out when one is wanted. */
const UNUSED_PARTS = [
  ...[
    'accordion',
    'breadcrumb',
    'btn-close',
    'btn-toolbar',
    'carousel',
    'collapsing',
    'dropdown',
    'dropend',
    'dropstart',
  ],
  ...[
    'dropup',
    'figure',
    'fixed',
    'form-check',
    'form-floating',
    'form-range',
    'icon-link',
    'list-group',
    'modal',
    'nav',
  ],
  ...[
    'navbar',
    'offcanvas',
    'page-item',
    'page-link',
    'pagination',
    'popover',
    'progress',
    'ratio',
    'spinner',
    'sticky',
  ],
  ...[
    'tab-content',
    'toast',
    'tooltip',
    'valid',
    'was-validated',
    'card',
    'link',
    'btn-check',
    'btn-group',
    'placeholder',
  ],
  ...[
    'table-primary',
    'table-secondary',
    'table-success',
    'table-info',
    'table-warning',
    'table-danger',
    'table-light',
  ],
  ...[
    'table-dark',
    'alert',
    'btn-outline',
    'btn-success',
    'btn-info',
    'btn-warning',
    'btn-light',
    'btn-dark',
    'form-select',
  ],
  ...[
    'z',
    'object-fit',
    'bg',
    'text-bg',
    'border-opacity',
    'link-opacity',
    'link-offset',
    'focus-ring',
    'opacity',
    'rounded',
  ],
];
/** Wide grids and the per-width variants of spacing: the layouts here are CSS grids of their own. */
const UNUSED_VARIANTS =
  /^(?:(?:col|row|offset|g|gx|gy|order)(?:-|$)|[\w-]+-(?:xl|xxl|print)(?:-|$)|[mp][tbsexy]?-(?:sm|md|lg)-)/;

const isUnused = (className: string): boolean =>
  UNUSED_VARIANTS.test(className) ||
  UNUSED_PARTS.some((part) => className === part || className.startsWith(`${part}-`));

/** Whether no element here can match: one class of an unused part is enough, `:not(.x)` and `:is(.x)` aside. */
const cannotMatch = (selector: string): boolean =>
  [...selector.replaceAll(/:(?:not|is|where)\([^)]*\)/g, '').matchAll(/\.([\w-]+)/g)].some(([, name]) =>
    isUnused(name ?? ''),
  );

interface CssRule {
  selectors: string[];
  source?: { input: { file?: string } };
  remove(): unknown;
}

/** A PostCSS plugin that leaves out of Bootstrap's style sheet what the lists above name. It touches no other file. */
export function keepUsedBootstrap() {
  return {
    postcssPlugin: 'keep-used-bootstrap',
    Rule(rule: CssRule) {
      if (!rule.source?.input.file?.includes('/bootstrap/')) return;
      const kept = rule.selectors.filter((selector) => !cannotMatch(selector));
      if (kept.length === 0) rule.remove();
      else if (kept.length < rule.selectors.length) rule.selectors = kept;
    },
  };
}
