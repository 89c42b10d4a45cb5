import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accessibilityViolations } from './axe.js';
import { layoutShift } from './layout-shift.js';
import { callApi, makeCustomers, openStage, register, type Stage } from './stage.js';

const PHONE = { width: 320, height: 640 };
const DESK = { width: 1440, height: 900 };
/** Both themes and both sizes: neither's colours depend on the other's layout. */
const LOOKS = [
  { theme: 'light', size: DESK },
  { theme: 'dark', size: PHONE },
];
const AXE_LIMIT_MS = 120_000;
const LONG_NAME = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft';

interface View {
  name: string;
  path: string;
  /** A text that is there once the page is. */
  sign: string;
}

describe('how every page looks', () => {
  let stage: Stage;
  let signedIn: View[] = [];
  const signedOut: View[] = [
    { name: 'sign-in', path: '/sign-in', sign: 'New here?' },
    { name: 'register', path: '/register', sign: '8 characters or more' },
  ];

  beforeAll(async () => {
    stage = await openStage();
    await register(stage, 'a-rather-long-user-name-that-must-not-break-the-layout');
    const [first] = await makeCustomers(stage, 30);
    const id = first?.id ?? 0;
    await callApi(stage, 'PUT', `/api/customers/${id}`, { name: LONG_NAME, email: `${'long'.repeat(15)}@example.com` });
    for (const status of ['active', 'inactive', 'suspended', 'pending']) {
      await callApi(stage, 'POST', '/api/accounts', { customer_id: id, name: LONG_NAME, status });
    }
    signedIn = [
      { name: 'dashboard', path: '/', sign: 'from the ' },
      { name: 'customers', path: '/customers?sort=-name', sign: '25 of 30' },
      { name: 'customers, nothing found', path: '/customers?q=nothing', sign: 'No customer matches' },
      { name: 'new customer', path: '/customers#new', sign: 'Create customer' },
      { name: 'accounts', path: '/accounts', sign: '4 of 4' },
      { name: 'new account', path: '/accounts#new', sign: 'Create account' },
      { name: 'a customer', path: `/customers/${id}`, sign: '4 of 4' },
      { name: 'a customer that is not', path: '/customers/2147483647', sign: 'It may have been deleted' },
      { name: 'not found', path: '/nowhere', sign: 'There is nothing at this address' },
    ];
  });
  afterAll(() => stage?.close());

  async function show(view: View, theme: string): Promise<void> {
    const { page, url } = stage;
    await page.evaluate((chosen) => localStorage.setItem('tandem.theme', chosen), theme);
    await page.goto('about:blank');
    await page.goto(`${url}${view.path}`);
    await page.getByText(view.sign).first().waitFor();
  }

  async function findFaults(views: View[]): Promise<string[]> {
    const { page } = stage;
    const faults: string[] = [];
    for (const { theme, size } of LOOKS) {
      await page.setViewportSize(size);
      for (const view of views) {
        await show(view, theme);
        const where = `${view.name}, ${theme}, ${size.width} px`;
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) faults.push(`${where}: ${width} px wide`);
        faults.push(...(await accessibilityViolations(page)).map((violation) => `${where}: ${violation}`));
      }
    }
    return faults;
  }

  it(
    'passes axe in both themes and fits a phone of 320 px, signed in',
    async () => {
      expect(await findFaults(signedIn)).toEqual([]);
    },
    AXE_LIMIT_MS,
  );

  it('has the theme before the first paint', async () => {
    const { page, url } = stage;
    // What the first paint shows is what stands in the page before any module has run.
    await page.route('**/assets/index-*.js', (route) => route.abort());
    await page.goto(`${url}/customers`);
    expect(await page.evaluate(() => document.documentElement.dataset.bsTheme)).toBe('dark');
    await page.unroute('**/assets/index-*.js');
    expect(stage.complaints.splice(0).filter((complaint) => !complaint.includes('ERR_FAILED'))).toEqual([]);
  });

  it('follows the system where no theme is chosen, also when that changes', async () => {
    const { page, url } = stage;
    const theme = () => page.evaluate(() => document.documentElement.dataset.bsTheme);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(`${url}/nowhere`);
    await page.getByLabel('Theme').selectOption('system');
    await expect.poll(theme).toBe('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(theme).toBe('dark');
    await page.getByLabel('Theme').selectOption('light');
    await expect.poll(theme).toBe('light');
  });

  it('moves nothing while a page loads', async () => {
    const { page, url } = stage;
    await page.setViewportSize(DESK);
    for (const path of ['/', '/customers', '/accounts']) {
      await page.goto(`${url}${path}`);
      await page
        .getByText(path === '/' ? 'from the ' : / of \d+ /)
        .first()
        .waitFor();
      expect(await layoutShift(page), path).toBeLessThan(0.05);
    }
  });

  it(
    'passes axe in both themes and fits a phone of 320 px, signed out',
    async () => {
      const { page } = stage;
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      expect(await findFaults(signedOut)).toEqual([]);
    },
    AXE_LIMIT_MS,
  );

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
