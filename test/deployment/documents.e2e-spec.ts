import { dirname, join, normalize } from 'node:path';
import { ROUTE_REASONS } from '@app/database';
import { ERROR_CODES } from '@app/errors';
import { describe, expect, it } from 'vitest';
import { ROUTE_HEADERS } from '../../apps/api/src/http/openapi/api-route-headers.js';
import { STATUS_OF_CODE } from '../../apps/api/src/http/status-of-code.js';
import { isFolder, isInCheckout, listCheckoutFiles, readCheckoutFile, sectionOf, tableRows } from './checkout.js';

const files = listCheckoutFiles();
const documents = files.filter((path) => path.endsWith('.md'));
const code = files.filter((path) => /^(apps|libs)\/.*\.ts$/.test(path) && !/spec\.ts$/.test(path));

const WRITTEN_WHILE_RUNNING = ['state.json'];

/** As the usual viewers make the address of a heading. */
function anchorsOf(markdown: string): string[] {
  const headings = markdown.matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, text = '']) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-'),
  );
}

describe.each(documents)('%s', (path) => {
  const text = readCheckoutFile(path);
  const plain = text.replace(/^```.*?^```$/gms, '');

  it('links to what is there', () => {
    const links = [...plain.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
    const broken = links.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [file = '', anchor] = target.split('#');
      const found = file === '' ? path : normalize(join(dirname(path), file)).replace(/\/$/, '');
      if (!isInCheckout(found)) return true;
      return anchor !== undefined && !anchorsOf(readCheckoutFile(found)).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  it('draws sequences without semicolons, which end a message for Mermaid', () => {
    const drawings = [...text.matchAll(/^```mermaid\nsequenceDiagram\n(.*?)^```$/gms)].map(([, lines = '']) => lines);
    expect(drawings.filter((lines) => lines.includes(';'))).toEqual([]);
  });

  it('names files and folders that are there', () => {
    const named = [
      ...plain.matchAll(
        /`([\w.@][\w.@/-]*\.(?:ts|mjs|cjs|json|md|yml|sh|vue|sql)|(?:apps|libs|test|docs|deploy|frontend)\/[\w./-]+)`/g,
      ),
    ];
    const isThere = (name: string): boolean => {
      const made = name.replace(/^dist\/(.*)\.js$/, '$1.ts');
      return name.includes('/')
        ? [made, join(dirname(path), name)].some((at) => isInCheckout(at) || isFolder(at)) || /(^|\/)dist\b/.test(name)
        : files.some((file) => file === name || file.endsWith(`/${name}`)) ||
            isInCheckout(name) ||
            WRITTEN_WHILE_RUNNING.includes(name);
    };
    expect(named.map(([, name = '']) => name).filter((name) => !isThere(name))).toEqual([]);
  });

  it('runs programs that the build makes and scripts that package.json has', () => {
    const scripts = Object.keys(JSON.parse(readCheckoutFile('package.json')).scripts);
    const ofApplication = Object.keys(JSON.parse(readCheckoutFile('frontend/package.json')).scripts);
    const named = [...text.matchAll(/npm run ([\w:-]+)( -w frontend)?/g)];
    const missing = named.filter(([, name = '', isOfApplication]) =>
      isOfApplication ? !ofApplication.includes(name) : !scripts.includes(name),
    );
    expect(missing.map(([all]) => all)).toEqual([]);
    const programs = [...text.matchAll(/\bdist\/(apps\/[\w/-]+)\.js/g)].map(([, name = '']) => `${name}.ts`);
    expect(programs.filter((name) => !isInCheckout(name))).toEqual([]);
  });
});

describe('docs/adr/README.md', () => {
  it('lists every decision', () => {
    const listed = [...readCheckoutFile('docs/adr/README.md').matchAll(/\]\((\d{4}-[\w-]+\.md)\)/g)].map(
      ([, name]) => name,
    );
    const decisions = listCheckoutFiles('docs/adr').map((path) => path.slice('docs/adr/'.length));
    expect(listed.sort()).toEqual(decisions.filter((name) => name !== 'README.md').sort());
  });
});

describe('docs/operations.md', () => {
  it('has every metric that the code registers, and no others', () => {
    const registered = code.flatMap((path) =>
      [...readCheckoutFile(path).matchAll(/make(?:Counter|Gauge|Histogram|Summary)Provider\(\{\s*name: '(\w+)'/g)].map(
        ([, name = '']) => name,
      ),
    );
    const rows = tableRows(sectionOf(readCheckoutFile('docs/operations.md'), '## Metrics'));
    const documented = rows.flatMap(([name = '']) => name.match(/^`(\w+)`$/)?.[1] ?? []);
    expect(registered.length).toBeGreaterThan(10);
    expect(documented.sort()).toEqual(registered.sort());
  });
});

describe('docs/api-guide.md', () => {
  it('has every error code with its status', () => {
    const rows = tableRows(sectionOf(readCheckoutFile('docs/api-guide.md'), '## Errors'));
    const documented = new Map(rows.map(([code = '', status]) => [code.replaceAll('`', ''), Number(status)]));
    for (const code of ERROR_CODES) expect([code, documented.get(code)]).toEqual([code, STATUS_OF_CODE[code]]);
  });

  it('has every reason for a route', () => {
    const [, ...rows] = tableRows(sectionOf(readCheckoutFile('docs/api-guide.md'), '### Reasons'));
    expect(rows.map(([, name = '']) => name.replaceAll('`', '')).sort()).toEqual([...ROUTE_REASONS].sort());
  });

  it('has every header about routes that answers may carry', () => {
    const [, ...rows] = tableRows(sectionOf(readCheckoutFile('docs/api-guide.md'), '### What answers say'));
    const documented = rows.map(([name = '']) => name.replaceAll('`', '').split(':')[0]);
    expect(documented.sort()).toEqual(Object.keys(ROUTE_HEADERS).sort());
  });
});
