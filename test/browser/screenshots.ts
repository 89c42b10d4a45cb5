import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.js';

const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 320, height: 640 } };
const SETTLE_MS = 2_000;
const THEMES = ['light', 'dark'];

/** Once this is to be seen, the page has what it shows. */
const READY = '[data-route], table.data-table, .state-panel, .credentials-card, canvas';

export interface ScreenshotOptions {
  /** Where Tandem runs, with sample data in it for pictures worth looking at. */
  url: string;
  directory: string;
  username: string;
  password: string;
}

/** Writes `<page>-<theme>-<size>.png` of every page into the directory. Throws when the sign-in is refused. */
export async function takeScreenshots({ url, directory, username, password }: ScreenshotOptions): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const browser = await launchBrowser({ locale: 'en-GB' });
  const page = browser.context.pages()[0] ?? (await browser.context.newPage());
  const taken: string[] = [];

  async function take(views: Record<string, string>): Promise<void> {
    for (const theme of THEMES) {
      await page.evaluate((chosen) => localStorage.setItem('tandem.theme', chosen), theme);
      for (const [size, viewport] of Object.entries(SIZES)) {
        await page.setViewportSize(viewport);
        for (const [name, path] of Object.entries(views)) {
          const file = join(directory, `${name}-${theme}-${size}.png`);
          // The fragment alone would not load the page anew.
          await page.goto('about:blank');
          await page.goto(`${url}${path}`);
          await page.locator(READY).first().waitFor();
          await untilSettled(page);
          await page.screenshot({ path: file });
          taken.push(file);
        }
      }
    }
  }

  try {
    await page.goto(`${url}/sign-in`);
    await take({ 'sign-in': '/sign-in', register: '/register' });
    await signIn(page, username, password);
    const customer = await firstCustomer(page, url);
    await take({
      dashboard: '/',
      customers: '/customers',
      'new-customer': '/customers#new',
      customer,
      accounts: '/accounts',
      'new-account': '/accounts#new',
      system: '/system',
    });
  } finally {
    await browser.close();
  }
  return taken;
}

/** The system page asks for figures every second, so it need not come to rest. */
async function untilSettled(page: Page): Promise<void> {
  await page.waitForLoadState('networkidle', { timeout: SETTLE_MS }).catch(() => undefined);
}

async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.getByRole('link', { name: 'Sign in' }).click();
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
}

async function firstCustomer(page: Page, url: string): Promise<string> {
  await page.goto(`${url}/customers`);
  return (await page.locator('tbody th a').first().getAttribute('href')) ?? '/customers';
}
