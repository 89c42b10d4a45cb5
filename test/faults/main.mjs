/**
 * npm run test:faults -- [--minutes N] [--seed N] [--size full|ci] [--out FILE] [WORDS…]: inflicts every fault of
 * docs/read-routing.md on real servers and prints what came of it. See `--help`.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('run-faults.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
process.exitCode = await module.runFaults(process.argv.slice(2));
