/**
 * npm run test:rollups -- [--times N] [--writes N] [--customers N]: writes in every way there is at a steady rate, folds
 * meanwhile, and compares what analytics answer with a recount in one snapshot, on a primary and its follower.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));
const libs = readdirSync(`${root}libs`).map((lib) => [`@app/${lib}`, `${root}libs/${lib}/src/index.ts`]);

const { module } = await runnerImport(fileURLToPath(new URL('run-campaign.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
  root,
  resolve: { alias: Object.fromEntries(libs) },
});
process.exitCode = await module.runCampaign(process.argv.slice(2));
process.exit();
