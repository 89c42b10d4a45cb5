import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeCustomers, openStage, register, type Stage } from './stage.js';

const MANY_TABS = 40;

describe('the application without a mouse', () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await openStage();
    await register(stage, 'margaret');
    await makeCustomers(stage, 2);
    await stage.page.goto(stage.url);
    await stage.page.getByText('from the ').waitFor();
  });
  afterAll(() => stage?.close());

  /** How the focused element is called, as a screen reader finds out for the simple cases that occur here. */
  const focused = () =>
    stage.page.evaluate(() => {
      const element = document.activeElement;
      const label = element instanceof HTMLInputElement ? element.labels?.[0]?.textContent : undefined;
      return (element?.getAttribute('aria-label') ?? label ?? element?.textContent ?? '').trim();
    });

  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < MANY_TABS; presses += 1) {
      await stage.page.keyboard.press('Tab');
      if ((await focused()) === name) return;
    }
    throw new Error(`Tab never came to "${name}"`);
  }

  it('starts with a link that skips the navigation', async () => {
    const { page } = stage;
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Refresh');
  });

  it('shows where the focus is on everything that can have it', async () => {
    const { page } = stage;
    const unseen: string[] = [];
    await page.goto(`${stage.url}/customers`);
    await page.getByRole('row', { name: /Customer 001/ }).waitFor();
    for (let presses = 0; presses < MANY_TABS; presses += 1) {
      await page.keyboard.press('Tab');
      const isSeen = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return true;
        const ring = (candidate: Element) => {
          const { outlineStyle, outlineWidth } = getComputedStyle(candidate);
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
        };
        return ring(element) || (element.parentElement !== null && ring(element.parentElement));
      });
      if (!isSeen) unseen.push(await focused());
    }
    expect(unseen).toEqual([]);
  });

  it('goes to another page and puts the focus on its heading', async () => {
    const { page } = stage;
    await page.goto(stage.url);
    await page.getByText('from the ').waitFor();
    await tabTo('Customers');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /Customer 001/ }).waitFor();
    await expect.poll(focused).toBe('Customers');
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1');
  });

  it('searches after a slash, which is not typed', async () => {
    const { page } = stage;
    await page.keyboard.press('/');
    await page.keyboard.type('001');
    await page.getByText('1 of 1 customers').waitFor();
    expect(await page.getByLabel('Search by name or e-mail').inputValue()).toBe('001');
  });

  it('edits in a dialog that keeps the focus and gives it back', async () => {
    const { page } = stage;
    await tabTo('Edit Customer 001');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Edit customer' });
    await dialog.waitFor();
    expect(await focused()).toBe('Name');
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      // Past the dialog's last control the focus leaves for the browser's own; never for what lies behind the dialog.
      const isHeld = await page.evaluate(() => document.activeElement?.matches('body, dialog *') ?? true);
      expect(isHeld, await focused()).toBe(true);
    }
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await expect.poll(focused).toBe('Edit Customer 001');
    await page.keyboard.press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Renamed by keys');
    await page.keyboard.press('Enter');
    await page.getByText('Renamed by keys was saved.').waitFor();
  });

  it('creates an account, the customer chosen with the arrow keys', async () => {
    const { page } = stage;
    await page.goto(`${stage.url}/accounts`);
    await page.getByText('No accounts yet').waitFor();
    await tabTo('New account');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'New account' });
    await dialog.waitFor();
    const suggestions = dialog.getByRole('listbox').getByRole('option');
    await page.keyboard.type('customer');
    await expect.poll(() => suggestions.count()).toBe(2);
    await page.keyboard.press('Escape');
    expect(await dialog.isVisible()).toBe(true);
    expect(await suggestions.count()).toBe(0);
    await page.keyboard.press('ArrowDown');
    await expect.poll(() => suggestions.count()).toBe(2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    expect(await dialog.getByLabel('Customer', { exact: true }).inputValue()).toBe('Renamed by keys');
    await tabTo('Name');
    await page.keyboard.type('By keys alone');
    await page.keyboard.press('Enter');
    await page.getByText('By keys alone was created.').waitFor();
    await dialog.waitFor({ state: 'detached' });
  });

  it('deletes, with the focus on Cancel first and on the heading in the end', async () => {
    const { page } = stage;
    await tabTo('Delete By keys alone');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Delete By keys alone?' }).waitFor();
    expect(await focused()).toBe('Cancel');
    await tabTo('Delete account');
    await page.keyboard.press('Enter');
    await page.getByText('By keys alone was deleted.').waitFor();
    await expect.poll(focused).toBe('Accounts');
  });

  it('signs out', async () => {
    await tabTo('Sign out');
    await stage.page.keyboard.press('Enter');
    await stage.page.getByRole('heading', { name: 'Sign in' }).waitFor();
  });
});
