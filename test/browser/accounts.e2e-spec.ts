import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callApi, type MadeCustomer, makeCustomers, openStage, register, type Stage } from './stage.js';

describe('accounts and figures in the application', () => {
  let stage: Stage;
  let customer: MadeCustomer;
  beforeAll(async () => {
    stage = await openStage();
    await register(stage, 'linus');
    const [, , third] = await makeCustomers(stage, 3);
    if (third) customer = third;
  });
  afterAll(() => stage?.close());

  it('creates an account for a customer found by typing', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/accounts`);
    await page.getByText('No accounts yet').waitFor();
    await page.getByRole('button', { name: 'Create account' }).click();
    const dialog = page.getByRole('dialog', { name: 'New account' });
    await dialog.getByLabel('Customer', { exact: true }).fill('customer-003');
    await dialog.getByRole('option', { name: /Customer 003/ }).click();
    await dialog.getByLabel('Name').fill('Main account');
    await dialog.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('Main account was created.').waitFor();
    const row = page.getByRole('row', { name: /Main account/ });
    await row.getByRole('link', { name: 'Customer 003' }).waitFor();
    await row.getByRole('cell', { name: 'Active' }).waitFor();
  });

  it('asks for the customer when none was chosen', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'New account' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Nobody’s');
    await dialog.getByRole('button', { name: 'Create account' }).click();
    await dialog.getByText('Choose the customer it belongs to.').waitFor();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('changes an account’s status', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Edit Main account' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit account' });
    await dialog.getByLabel('Status').selectOption('suspended');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await page
      .getByRole('row', { name: /Main account/ })
      .getByRole('cell', { name: 'Suspended' })
      .waitFor();
  });

  it('filters by status and customer, in the address', async () => {
    const { page } = stage;
    await callApi(stage, 'POST', '/api/accounts', { customer_id: customer.id, name: 'Second', status: 'active' });
    await callApi(stage, 'POST', '/api/accounts', { customer_id: customer.id - 1, name: 'Other', status: 'active' });
    await page.reload();
    await page.getByText('3 of 3 accounts').waitFor();
    await page.getByLabel('Status').selectOption('active');
    await page.getByText('2 of 2 accounts').waitFor();
    await page.getByLabel('Customer', { exact: true }).fill('Customer 003');
    await page.getByRole('option', { name: /Customer 003/ }).click();
    await page.getByText('1 of 1 accounts').waitFor();
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
      status: 'active',
      customer_id: String(customer.id),
    });
    await page.reload();
    await page.getByText('1 of 1 accounts').waitFor();
    await expect.poll(() => page.getByLabel('Customer', { exact: true }).inputValue()).toBe('Customer 003');
    await page.getByRole('button', { name: 'Clear the customer' }).click();
    await page.getByText('2 of 2 accounts').waitFor();
  });

  it('shows a customer with its accounts and its figures', async () => {
    const { page } = stage;
    await page
      .getByRole('row', { name: /Second/ })
      .getByRole('link', { name: 'Customer 003' })
      .click();
    await page.getByRole('heading', { name: 'Customer 003' }).waitFor();
    expect(await page.title()).toBe('Customer 003 · Tandem');
    await page.getByText('2 of 2 accounts').waitFor();
    const figures = page.getByRole('region', { name: 'Figures' });
    await expect.poll(() => figures.locator('dd').allTextContents()).toEqual(['2', '1', '1']);
    await figures.getByText('from the follower').waitFor();
  });

  it('creates an account on the customer’s page, and counts it', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'New account' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Customer', { exact: true }).count()).toBe(0);
    await dialog.getByLabel('Name').fill('Third');
    await dialog.getByLabel('Status').selectOption('pending');
    await dialog.getByRole('button', { name: 'Create account' }).click();
    await page.getByText('3 of 3 accounts').waitFor();
    await page.reload();
    const figures = page.getByRole('region', { name: 'Figures' });
    await expect.poll(() => figures.locator('dd').allTextContents()).toEqual(['3', '1', '2']);
  });

  it('deletes an account, then the customer with the rest of them', async () => {
    const { page, url } = stage;
    await page.getByRole('button', { name: 'Delete Third' }).click();
    await page.getByRole('button', { name: 'Delete account' }).click();
    await page.getByText('2 of 2 accounts').waitFor();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete customer' }).click();
    await page.getByText('Customer 003 was deleted.').waitFor();
    await expect.poll(() => page.url()).toBe(`${url}/customers`);
    await page.getByText('2 of 2 customers').waitFor();
    await page.goto(`${url}/customers/${customer.id}`);
    await page.getByRole('heading', { name: 'No such customer' }).waitFor();
  });

  it('shows the totals on the dashboard and names the server that they came from', async () => {
    const { page, url } = stage;
    await page.goto(url);
    const totals = page.getByRole('region', { name: 'Totals' });
    await expect.poll(() => totals.locator('dd').allTextContents()).toEqual(['2', '1', '1', '0', '0', '1']);
    await totals.getByText('from the follower').waitFor();
    await totals.getByRole('link', { name: 'Active accounts', exact: true }).click();
    await page.getByText('1 of 1 accounts').waitFor();
  });

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
