import { findFreePort } from '@app/embedded-postgres';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { migrate } from '../support/api-process.js';
import { launchBrowser, type TestBrowser } from '../support/browser.js';
import { startProcess, type TestProcess, waitForHttp } from '../support/processes.js';
import { createTestDatabase } from '../support/test-database.js';

const WAIT_MS = 10_000;
const PASSWORD = 'a sound password';

export interface StageDatabases {
  primaryUrl: string;
  followerUrl: string;
}

/** The built API on real databases, and a browser in front of it. */
export interface Stage {
  url: string;
  api: TestProcess;
  browser: TestBrowser;
  page: Page;
  /** What the browser complained about: errors in the console, scripts that threw, breaches of the content security policy. */
  complaints: string[];
  close(): Promise<void>;
}

/** Migrates the databases (a new one of the test run's, unless given), starts the API on them and opens the browser. */
export async function openStage(options: BrowserContextOptions = {}, databases?: StageDatabases): Promise<Stage> {
  const undo: (() => Promise<unknown>)[] = [];
  /** What was opened last is closed first; all of it, whatever fails. */
  async function close(): Promise<void> {
    for (const step of undo.splice(0).reverse()) await step().catch((error: unknown) => console.error(error));
  }
  try {
    const own = databases ? undefined : await createTestDatabase();
    if (own) undo.push(() => own.drop());
    const { primaryUrl, followerUrl } = databases ?? own ?? { primaryUrl: '', followerUrl: '' };
    await migrate(primaryUrl);
    const { api, url } = await startApi({ primaryUrl, followerUrl });
    undo.push(() => api.stop());
    const browser = await launchBrowser(options);
    undo.push(() => browser.close());
    const page = browser.context.pages()[0] ?? (await browser.context.newPage());
    page.setDefaultTimeout(WAIT_MS);
    return { url, api, browser, page, complaints: collectComplaints(page), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts the built API on migrated databases; resolves once it is ready. Tokens of one such process are good for others. */
export async function startApi({
  primaryUrl,
  followerUrl,
}: StageDatabases): Promise<{ api: TestProcess; url: string }> {
  const port = await findFreePort();
  const environment = {
    DATABASE_URL: primaryUrl,
    ANALYTICS_DB_URL: followerUrl,
    PORT: String(port),
    JWT_SECRET: 'a secret of the browser tests, long enough',
    LOG_LEVEL: 'warn',
  };
  const api = startProcess('dist/apps/api/src/main.js', { environment });
  const url = `http://127.0.0.1:${port}`;
  try {
    await waitForHttp(`${url}/health/ready`);
    return { api, url };
  } catch (error) {
    await api.stop();
    throw error;
  }
}

/** A refused or failed call is told on the page, where tests look for it; Chromium's own line on it is no complaint. */
function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(`threw ${error.stack}`));
  page.on('console', (message) => {
    const isFailedCall =
      /^Failed to load resource/.test(message.text()) && /\/(api|health)/.test(message.location().url);
    if (['error', 'warning'].includes(message.type()) && !isFailedCall) complaints.push(message.text());
  });
  return complaints;
}

/** Registers a new user by the page itself; resolves on the dashboard of their new, empty organization. */
export async function register({ page, url }: Stage, username: string): Promise<void> {
  await page.goto(`${url}/register`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
}

/** Calls the API as the user signed in on the page, to make data quickly. Resolves with the answer's body. */
export async function callApi<Answer>(
  { page, url }: Stage,
  method: string,
  path: string,
  body?: unknown,
): Promise<Answer> {
  const token = await page.evaluate(() => JSON.parse(localStorage.getItem('tandem.session') ?? '{}').token);
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

export interface MadeCustomer {
  id: number;
  name: string;
  email: string;
}

/** `Customer 001` and so on, one after the other, so that the last one made is the newest. */
export async function makeCustomers(stage: Stage, count: number): Promise<MadeCustomer[]> {
  const made: MadeCustomer[] = [];
  for (let index = 1; index <= count; index += 1) {
    const number = String(index).padStart(3, '0');
    const body = { name: `Customer ${number}`, email: `customer-${number}@example.com` };
    made.push(await callApi<MadeCustomer>(stage, 'POST', '/api/customers', body));
  }
  return made;
}

/** Makes the user signed in on the page an operator and signs in again, so that the page knows. */
export async function makeOperator({ page, url }: Stage, primaryUrl: string, username: string): Promise<void> {
  const environment = { DATABASE_URL: primaryUrl };
  const grant = startProcess('dist/apps/cli/src/main.js', { arguments: ['operator', 'grant', username], environment });
  const code = await grant.exited(30_000);
  if (code !== 0) throw new Error(`operator grant ended with ${code}:\n${grant.output()}`);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto(`${url}/sign-in`);
  await page.getByLabel('Username').fill(username);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
}
