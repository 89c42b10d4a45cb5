import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStage, register, type Stage } from './stage.js';

describe('signing in and out', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  it('tells the password rule beforehand and refuses a short one beside the field, without asking the API', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/register`);
    await page.getByText('8 characters or more').waitFor();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByText('At least 8 characters').waitFor();
    const password = page.getByLabel('Password', { exact: true });
    expect(await password.getAttribute('aria-invalid')).toBe('true');
    expect(await password.evaluate((element) => element === document.activeElement)).toBe(true);
  });

  it('registers, signs in by itself and says so', async () => {
    await register(stage, 'ada');
    await stage.page.getByText('Welcome, ada').waitFor();
    expect(await stage.page.title()).toBe('Dashboard · Tandem');
  });

  it('signs out, and shows what comes after a sign-in only after one', async () => {
    const { page, url } = stage;
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${url}/accounts?status=active`);
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });

  it('refuses a wrong password without saying which of the two is wrong', async () => {
    const { page } = stage;
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('alert').getByText('Username and password do not match').waitFor();
  });

  it('returns to the page that was asked for', async () => {
    const { page, url } = stage;
    await page.getByLabel('Password', { exact: true }).fill('a sound password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Accounts' }).waitFor();
    expect(page.url()).toBe(`${url}/accounts?status=active`);
  });

  it('asks to sign in again when the API no longer takes the token, and goes on where one was', async () => {
    const { page, url } = stage;
    await page.evaluate(() => {
      const session = JSON.parse(localStorage.getItem('tandem.session') ?? '{}');
      localStorage.setItem('tandem.session', JSON.stringify({ ...session, token: `${session.token}x` }));
    });
    await page.goto(`${url}/customers?sort=name`);
    await page.getByText('Your session has ended').waitFor();
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('a sound password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Customers', exact: true }).waitFor();
    expect(page.url()).toBe(`${url}/customers?sort=name`);
  });

  it('signs out in every tab at once', async () => {
    const other = await stage.browser.context.newPage();
    await other.goto(stage.url);
    await other.getByRole('button', { name: 'Sign out' }).click();
    await stage.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.close();
  });

  it('shows a name taken beside the field', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/register`);
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('another sound password');
    await page.getByRole('button', { name: 'Register' }).click();
    await page.getByText('Username already exists').waitFor();
    expect(await page.getByLabel('Username').getAttribute('aria-invalid')).toBe('true');
  });

  it('does not follow a link to another site after signing in', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/sign-in?next=//example.com/`);
    await page.getByLabel('Username').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('a sound password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { name: 'Dashboard' }).waitFor();
    expect(new URL(page.url()).origin).toBe(url);
  });

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
