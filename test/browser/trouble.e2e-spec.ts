import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startThrowAwayCluster, type ThrowAwayCluster } from '../support/throw-away-cluster.js';
import { makeCustomers, openStage, register, type Stage } from './stage.js';

const RECOVERY_MS = 15_000;

describe('the application while something is wrong', () => {
  let databases: ThrowAwayCluster;
  let stage: Stage;
  beforeAll(async () => {
    databases = await startThrowAwayCluster(1);
    const { primary, followers } = databases.cluster;
    stage = await openStage({}, { primaryUrl: primary.url, followerUrl: followers[0]?.url ?? '' });
    await register(stage, 'katherine');
    await makeCustomers(stage, 3);
  });
  afterAll(async () => {
    await stage?.close();
    await databases?.remove();
  });

  const answeredBy = () => stage.page.locator('[data-route]').textContent();

  it('says that the follower is lost, and goes on with figures from the primary', async () => {
    const { page, url } = stage;
    await databases.cluster.followers[0]?.stop();
    await page.goto(url);
    await page.getByText('The follower database is unreachable').waitFor({ timeout: RECOVERY_MS });
    await expect.poll(answeredBy).toMatch(/from the primary/);
    expect(await page.getByRole('region', { name: 'Totals' }).locator('dd').first().textContent()).toBe('3');
  });

  it('takes the banner away when the follower is back', async () => {
    const { page } = stage;
    await databases.cluster.followers[0]?.start();
    await page.getByText('The follower database is unreachable').waitFor({ state: 'detached', timeout: RECOVERY_MS });
    const refreshed = async () => {
      await page.getByRole('button', { name: 'Refresh' }).click();
      return answeredBy();
    };
    await expect.poll(refreshed, { timeout: RECOVERY_MS, interval: 300 }).toMatch(/from the follower/);
  });

  it('says so as soon as an answer does, before it has heard from /health, and only once', async () => {
    const { page } = stage;
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    await page.route('**/health', async (route) => {
      await released;
      await route.continue().catch(() => undefined);
    });
    await databases.cluster.followers[0]?.stop();
    const banner = page.getByText('The follower database is unreachable');
    const shown = async () => {
      await page.getByRole('button', { name: 'Refresh' }).click();
      return banner.count();
    };
    await expect.poll(shown, { timeout: RECOVERY_MS, interval: 300 }).toBe(1);
    release();
    await page.unroute('**/health');
    await databases.cluster.followers[0]?.start();
    await banner.waitFor({ state: 'detached', timeout: RECOVERY_MS });
  });

  it('says that the primary is lost, with the request’s id, and still shows the figures', async () => {
    const { page, url } = stage;
    await databases.cluster.primary.stop();
    await page.goto(`${url}/customers`);
    await page.getByText('The primary database is down').waitFor({ timeout: RECOVERY_MS });
    await page
      .getByRole('heading', { name: 'The primary database is not available' })
      .waitFor({ timeout: RECOVERY_MS });
    expect(await page.getByRole('alert').locator('code').textContent()).toMatch(/^[\w-]{8,}$/);
    await page.getByRole('link', { name: 'Dashboard' }).click();
    await expect.poll(answeredBy).toMatch(/from the follower/);
  });

  it('keeps what was written in a form that could not be sent', async () => {
    const { page } = stage;
    await page.goto(`${stage.url}/customers#new`);
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Not lost');
    await dialog.getByLabel('E-mail').fill('not-lost@example.com');
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await dialog.getByText('The primary database is not available').waitFor({ timeout: RECOVERY_MS });
    await databases.cluster.primary.start();
    await page.getByText('The primary database is down').waitFor({ state: 'detached', timeout: RECOVERY_MS });
    await dialog.getByRole('button', { name: 'Create customer' }).click();
    await page.getByText('Not lost was created.').waitFor({ timeout: RECOVERY_MS });
  });

  it('has loaded by itself what could not be loaded before', async () => {
    await stage.page.getByText('4 of 4 customers').waitFor();
  });

  it('says that the server does not answer', async () => {
    const { page } = stage;
    await stage.api.stop();
    await page.getByRole('button', { name: 'Name', exact: true }).click();
    await page.getByText('The server does not answer. What is shown').waitFor({ timeout: RECOVERY_MS });
    await page.getByRole('heading', { name: 'The server does not answer' }).waitFor({ timeout: RECOVERY_MS });
  });

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
