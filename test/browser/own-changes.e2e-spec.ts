import type { EmbeddedFollower } from '@app/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pauseReplay, resumeReplay } from '../follower/replay.js';
import type { TestProcess } from '../support/processes.js';
import { startThrowAwayCluster, type ThrowAwayCluster } from '../support/throw-away-cluster.js';
import { openStage, register, type Stage, startApi } from './stage.js';

/**
 * Changes go to one API process and totals are asked of another, as behind a load balancer: what the other process knows
 * of the changes is what the application tells it.
 */
describe('one’s own changes on the dashboard, while the follower does not replay', () => {
  let databases: ThrowAwayCluster;
  let follower: EmbeddedFollower;
  let stage: Stage;
  let other: { api: TestProcess; url: string };
  beforeAll(async () => {
    databases = await startThrowAwayCluster(1);
    [follower] = databases.cluster.followers as [EmbeddedFollower];
    const urls = { primaryUrl: databases.cluster.primary.url, followerUrl: follower.url };
    stage = await openStage({}, urls);
    other = await startApi(urls);
    await register(stage, 'barbara');
    await createCustomer('First');
  });
  afterAll(async () => {
    await other?.api.stop();
    await stage?.close();
    await databases?.remove();
  });

  async function createCustomer(name: string): Promise<void> {
    const { page } = stage;
    await page.getByRole('link', { name: 'Customers', exact: true }).first().click();
    await page.getByRole('button', { name: 'New customer' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill(name);
    await dialog.getByLabel('E-mail').fill(`${name.toLowerCase()}@example.com`);
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await page.getByText(`${name} was created.`).waitFor();
  }

  /** Sends what the page asks of the analytics to the other process, with the token that the page sent or without. */
  async function askTheOther({ withToken }: { withToken: boolean }): Promise<void> {
    await stage.page.unroute('**/api/analytics');
    await stage.page.route('**/api/analytics', (route) => {
      const { 'x-consistency-token': token, ...rest } = route.request().headers();
      const headers = withToken && token ? { ...rest, 'x-consistency-token': token } : rest;
      return route.continue({ url: `${other.url}/api/analytics`, headers });
    });
  }

  const totals = () => stage.page.getByRole('region', { name: 'Totals' });
  const customers = () => totals().locator('dd').first().textContent();
  const toDashboard = () => stage.page.getByRole('link', { name: 'Dashboard' }).click();

  it('come from a follower that has them, and say so', async () => {
    await askTheOther({ withToken: true });
    await toDashboard();
    await expect.poll(customers).toBe('1');
    await totals()
      .getByText(/As of \d\.\d s ago, from the follower/)
      .waitFor();
  });

  it('come from the primary as long as the follower lacks them', async () => {
    await pauseReplay(follower.url);
    await createCustomer('Second');
    await toDashboard();
    await expect.poll(customers).toBe('2');
    await totals()
      .getByText(/from the primary: the follower has not caught up with your last change/)
      .waitFor();
  });

  it('would be missing without the token', async () => {
    const { page } = stage;
    await askTheOther({ withToken: false });
    await page.getByRole('button', { name: 'Refresh' }).click();
    await totals()
      .getByText(/from the follower/)
      .waitFor();
    expect(await customers()).toBe('1');
  });

  it('come from the follower again once it has them', async () => {
    const { page } = stage;
    await askTheOther({ withToken: true });
    await resumeReplay(follower.url);
    const refreshed = async () => {
      await page.getByRole('button', { name: 'Refresh' }).click();
      return `${await customers()} ${await totals().locator('[data-route]').textContent()}`;
    };
    await expect.poll(refreshed, { timeout: 10_000, interval: 300 }).toMatch(/^2 .*from the follower/s);
  });

  it('are asked for without a token that the API cannot read, from the second time on', async () => {
    const { page, url } = stage;
    const statuses: number[] = [];
    page.on('response', (response) => {
      if (response.url() === `${url}/api/analytics`) statuses.push(response.status());
    });
    await page.unroute('**/api/analytics');
    await page.route(
      '**/api/analytics',
      async (route) => {
        const response = await route.fetch();
        await route.fulfill({ response, headers: { ...response.headers(), 'x-consistency-token': 'v9.of-tomorrow' } });
      },
      { times: 1 },
    );
    await page.reload();
    await expect.poll(() => statuses).toEqual([200]);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => statuses).toEqual([200, 400]);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await expect.poll(() => statuses).toEqual([200, 400, 200]);
    expect(await customers()).toBe('2');
  });

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
