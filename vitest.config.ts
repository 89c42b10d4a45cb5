import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));
const alias = Object.fromEntries(
  readdirSync(`${root}libs`).map((lib) => [`@app/${lib}`, `${root}libs/${lib}/src/index.ts`]),
);

/**
 * Three projects, fastest first. `unit` does no IO. `integration` runs beside the code on one embedded primary and
 * follower (a database of its own per file). `e2e` starts the built processes, so `npm run build` comes before it.
 */
export default defineConfig({
  resolve: { alias },
  test: {
    passWithNoTests: false,
    projects: [
      { extends: true, test: { name: 'unit', include: ['{apps,libs,frontend/src}/**/*.spec.ts'] } },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['{apps,libs}/**/*.int-spec.ts'],
          globalSetup: ['test/support/cluster.global-setup.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          // In CI other work may take the processor for seconds; what fails twice has failed.
          retry: process.env.CI ? 1 : 0,
          include: ['test/**/*.e2e-spec.ts'],
          globalSetup: ['test/support/cluster.global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
        },
      },
    ],
  },
});
