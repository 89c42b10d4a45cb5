/** npm run test:kill -- [--minutes N] [--seed N] [--size full|ci]: see `--help`. */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const { module } = await runnerImport(fileURLToPath(new URL('run-kill.ts', import.meta.url)), {
  configFile: false,
  logLevel: 'error',
});
process.exitCode = await module.runKill(process.argv.slice(2));
