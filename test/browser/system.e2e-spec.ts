import type { EmbeddedFollower } from '@app/embedded-postgres';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../support/questions.js';
import { startThrowAwayCluster, type ThrowAwayCluster } from '../support/throw-away-cluster.js';
import { accessibilityViolations } from './axe.js';
import { layoutShift } from './layout-shift.js';
import { makeOperator, openStage, register, type Stage } from './stage.js';

const RECOVERY_MS = 15_000;
const DESK = { width: 1440, height: 900 };
const PHONE = { width: 320, height: 640 };

describe('the system page', () => {
  let databases: ThrowAwayCluster;
  let follower: EmbeddedFollower;
  let stage: Stage;
  beforeAll(async () => {
    databases = await startThrowAwayCluster(1);
    [follower] = databases.cluster.followers as [EmbeddedFollower];
    stage = await openStage({}, { primaryUrl: databases.cluster.primary.url, followerUrl: follower.url });
    await register(stage, 'margaret');
  });
  afterAll(async () => {
    await stage?.close();
    await databases?.remove();
  });

  const cardOf = (name: string) => stage.page.locator(`[data-server="${name}"]`);
  const stateOf = (name: string) => cardOf(name).locator('.state-badge').textContent();
  const untilFollowerIs = (state: string) =>
    expect.poll(() => stateOf('follower-1'), { timeout: RECOVERY_MS }).toBe(state);
  const changes = () => stage.page.getByRole('region', { name: 'Recent changes of state' });

  it('is not offered to users who are no operators, and tells them why they may not see it', async () => {
    const { page, url } = stage;
    const navigation = page.getByRole('navigation', { name: 'Main' });
    await navigation.getByRole('link', { name: 'Customers' }).waitFor();
    expect(await navigation.getByRole('link', { name: 'System' }).count()).toBe(0);
    await page.goto(`${url}/system`);
    await page.getByRole('heading', { name: 'Only operators may see this' }).waitFor();
    await page.getByText('npm run operator -- grant margaret').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
  });

  it('is offered to operators, and shows the primary up and the follower healthy', async () => {
    const { page } = stage;
    await makeOperator(stage, databases.cluster.primary.url, 'margaret');
    await page.getByRole('navigation').getByRole('link', { name: 'System' }).click();
    await page.getByRole('heading', { name: 'System' }).waitFor();
    expect(await page.title()).toBe('System · Tandem');
    await untilFollowerIs('Healthy');
    expect(await stateOf('primary')).toBe('Up');
    await expect.poll(() => cardOf('follower-1').textContent()).toMatch(/Replayed up to\s*[\dA-F]+\/[\dA-F]+/);
    expect(await cardOf('follower-1').textContent()).toMatch(/Behind by at most\s*\d\.\d s/);
    await changes().getByText('It was reached for the first time').waitFor();
  });

  it('draws how far behind the follower may be, and has the figures in a table too', async () => {
    const { page } = stage;
    const section = page.getByRole('region', { name: 'How old the followers’ answers are at most' });
    await section.getByRole('img', { name: /follower-1: now \d\.\d s, at most/ }).waitFor();
    await section.getByRole('button', { name: 'Show as a table' }).press('Enter');
    await expect.poll(() => section.getByRole('row').nth(1).getByRole('cell').textContent()).toMatch(/^\d\.\d s/);
    await section.getByRole('button', { name: 'Show as a chart' }).press('Enter');
    await section.getByRole('img').waitFor();
  });

  it('counts the reads by server and reason, and shows the pools', async () => {
    const { page } = stage;
    await page
      .getByRole('table', { name: 'Reads by server and reason' })
      .getByRole('row', { name: /From a follower, as wanted/ })
      .waitFor();
    const pools = page.getByRole('table', { name: 'Connection pools' });
    for (const pool of ['primary', 'fallback', 'follower-1']) {
      await pools.getByRole('rowheader', { name: new RegExp(`^${pool} `) }).waitFor();
    }
  });

  it('shows a follower that falls behind', async () => {
    await ask(follower.url, 'SELECT pg_wal_replay_pause()');
    await ask(databases.cluster.primary.url, 'CREATE TABLE to_be_replayed AS SELECT generate_series(1, 1000)');
    await expect
      .poll(() => cardOf('follower-1').textContent(), { timeout: RECOVERY_MS })
      .toMatch(/Behind by at most\s*[2-9]\.\d s.*Not yet replayed\s*[\d,]+ bytes \([\d.]+ [kM]B\)/s);
    await ask(follower.url, 'SELECT pg_wal_replay_resume()');
    await expect.poll(() => cardOf('follower-1').textContent()).toMatch(/Behind by at most\s*0\.\d s/);
  });

  it('shows a stopped follower out of use with the cause, and healthy again once it runs', async () => {
    await follower.stop();
    await untilFollowerIs('Out of use');
    await changes()
      .getByRole('listitem')
      .filter({ hasText: /Out of use.*(Nothing listens at its address|It closed the connection)/s })
      .first()
      .waitFor();
    await stage.page.getByRole('link', { name: 'Dashboard' }).click();
    await stage.page.getByRole('link', { name: 'See the system page' }).click();
    await untilFollowerIs('Out of use');
    await follower.start();
    await untilFollowerIs('Healthy');
    await changes().getByText('It answers again').first().waitFor();
  });

  it('stands still while it is paused', async () => {
    const { page } = stage;
    await page.getByRole('button', { name: 'Pause' }).click();
    let calls = 0;
    page.on('request', (request) => {
      if (request.url().endsWith('/api/system/replication')) calls += 1;
    });
    await page.getByText('Paused: this does not change').waitFor();
    await page.waitForTimeout(2_500);
    expect(calls).toBeLessThanOrEqual(1);
    await page.getByRole('button', { name: 'Resume' }).click();
    await expect.poll(() => calls, { timeout: RECOVERY_MS }).toBeGreaterThan(2);
  });

  it('passes axe in both themes, fits a phone of 320 px and moves nothing while it loads', async () => {
    const { page, url } = stage;
    const faults: string[] = [];
    for (const size of [DESK, PHONE]) {
      await page.setViewportSize(size);
      for (const theme of ['light', 'dark']) {
        await page.evaluate((chosen) => localStorage.setItem('tandem.theme', chosen), theme);
        await page.goto('about:blank');
        await page.goto(`${url}/system`);
        await page.getByRole('img', { name: /follower-1/ }).waitFor();
        const shift = await layoutShift(page);
        if (shift >= 0.05) faults.push(`${theme}, ${size.width} px: moved by ${shift}`);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > size.width) faults.push(`${theme}, ${size.width} px: ${width} px wide`);
        faults.push(
          ...(await accessibilityViolations(page)).map((violation) => `${theme}, ${size.width} px: ${violation}`),
        );
      }
    }
    expect(faults).toEqual([]);
  }, 120_000);

  it('gave the browser nothing to complain about', () => {
    expect(stage.complaints).toEqual([]);
  });
});
