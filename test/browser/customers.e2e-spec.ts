import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCustomers, openStage, register, type Stage } from './stage.js';

describe('customers in the application', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage({ locale: 'en-GB' });
    await register(stage, 'grace');
  });
  afterAll(() => stage?.close());

  const rowNames = () => stage.page.locator('tbody th a').allTextContents();
  const shows = (...names: string[]) => expect.poll(rowNames).toEqual(names);

  it('leads from an empty dashboard to the first customer', async () => {
    const { page } = stage;
    await page.getByText('Nothing to count yet').waitFor();
    await page.getByRole('link', { name: 'Create a customer' }).click();
    const dialog = page.getByRole('dialog', { name: 'New customer' });
    await dialog.getByLabel('Name').fill('Zoë Ångström');
    await dialog.getByLabel('E-mail').fill('zoe@example.com');
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await page.getByText('Zoë Ångström was created.').waitFor();
    await dialog.waitFor({ state: 'detached' });
    await shows('Zoë Ångström');
  });

  it('shows what the API refuses beside the field it is about', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'New customer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Someone Else');
    await dialog.getByLabel('E-mail').fill('zoe@example.com');
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await expect.poll(() => dialog.getByLabel('E-mail').getAttribute('aria-invalid')).toBe('true');
    const described = await dialog.getByLabel('E-mail').getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toMatch(/exists|taken|use/i);
    await dialog.getByLabel('E-mail').fill('not-an-address');
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await dialog.getByText('not a complete e-mail address').waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await shows('Zoë Ångström');
  });

  it('edits a customer', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Edit Zoë Ångström' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit customer' });
    await dialog.getByLabel('Name').fill('Zoë Lindqvist');
    await dialog.getByRole('button', { name: 'Save changes' }).click();
    await page.getByText('Zoë Lindqvist was saved.').waitFor();
    await shows('Zoë Lindqvist');
  });

  it('deletes a customer only after asking', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Delete Zoë Lindqvist' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete Zoë Lindqvist?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'detached' });
    await shows('Zoë Lindqvist');
    await page.getByRole('button', { name: 'Delete Zoë Lindqvist' }).click();
    await dialog.getByRole('button', { name: 'Delete customer' }).click();
    await page.getByText('Zoë Lindqvist was deleted.').waitFor();
    await page.getByText('No customers yet').waitFor();
  });

  it('goes through the pages and back again', async () => {
    const { page, url } = stage;
    await makeCustomers(stage, 60);
    await page.goto(`${url}/customers`);
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 060');
    await page.getByText('25 of 60 customers').waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 035');
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(async () => (await rowNames()).length).toBe(10);
    expect(await page.getByRole('button', { name: 'Next' }).getAttribute('aria-disabled')).toBe('true');
    await page.getByRole('button', { name: 'Previous' }).click();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 035');
    await page.goBack();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 010');
    await page.getByRole('button', { name: 'First' }).click();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 060');
  });

  it('searches while one types and keeps search and order in the address', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/customers`);
    await page.getByLabel('Search by name or e-mail').pressSequentially('mer 05', { delay: 30 });
    await page.getByText('10 of 10 customers').waitFor();
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 050');
    expect(await page.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('ascending');
    expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({ q: 'mer 05', sort: 'name' });
  });

  it('undoes order and search with the back button', async () => {
    const { page, url } = stage;
    await page.goBack();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 059');
    await page.goBack();
    await expect.poll(() => page.url()).toBe(`${url}/customers`);
    expect(await page.getByLabel('Search by name or e-mail').inputValue()).toBe('');
    await page.getByText('25 of 60 customers').waitFor();
  });

  it('opens a link into the middle of a list as it was', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/customers?sort=name&limit=50`);
    await page.getByRole('button', { name: 'Next' }).click();
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 051');
    const link = page.url();
    await page.goto('about:blank');
    await page.goto(link);
    await expect.poll(async () => (await rowNames())[0]).toBe('Customer 051');
    expect(await page.getByLabel('Rows').inputValue()).toBe('50');
  });

  it('leads out of a page of a list that is no longer valid', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/customers?cursor=made-up`);
    await page.getByText('no longer valid').waitFor();
    await page.getByRole('button', { name: 'Go to the first page' }).click();
    await page.getByText('25 of 60 customers').waitFor();
  });

  it('says what to do when nothing matches', async () => {
    const { page, url } = stage;
    await page.goto(`${url}/customers?q=nobody-has-this-name`);
    await page.getByText('No customer matches').waitFor();
    await page.getByRole('button', { name: 'Show all customers' }).click();
    await page.getByText('25 of 60 customers').waitFor();
  });

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
