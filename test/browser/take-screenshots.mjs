/**
 * npm run screenshots -- DIR [URL]: pictures of every page in both themes and two sizes, of the Tandem that runs at URL
 * (http://127.0.0.1:8080 unless given) with the sample data's sign-in.
 */
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [directory, url = 'http://127.0.0.1:8080'] = process.argv.slice(2);
if (!directory) {
  console.error('Usage: npm run screenshots -- DIR [URL]');
  process.exit(2);
}

const { module } = await runnerImport(fileURLToPath(new URL('screenshots.ts', import.meta.url)), { configFile: false });
const taken = await module.takeScreenshots({ url, directory, username: 'admin', password: 'admin123' });
console.log(`${taken.length} pictures in ${directory}`);
