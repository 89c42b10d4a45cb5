import { setTimeout as sleep } from 'node:timers/promises';
import type { EmbeddedFollower } from '@app/embedded-postgres';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ROLLUP_LOCK } from '../../libs/analytics/src/rollups/rollup-lock.js';
import { pauseReplay, resumeReplay } from '../follower/replay.js';
import { eventually } from '../support/eventually.js';
import { ask } from '../support/questions.js';
import { signalServer } from '../support/server-signals.js';
import { lockTable } from '../support/table-lock.js';
import { readRuleFile } from './support/alert-rules.js';
import { AlertStage } from './support/alert-stage.js';
import { readBeyondPrimary } from './support/clients.js';
import { dashboardChoices, dashboardQueries, readDashboard } from './support/dashboard.js';
import { parsePromql, type Selector, selectorsOf } from './support/promql-tree.js';

/** Prometheus sets it; all other labels have to come from the processes. */
const LABEL_OF_PROMETHEUS = 'instance';
/** It runs for less than the pause between two scrapes, so it has always stood still between them. */
const STANDS_STILL_MS = 300;
const RUNS_MS = 180;
const FLOOD = 90;

let stage: AlertStage;
let first: EmbeddedFollower;
let second: EmbeddedFollower;
beforeAll(async () => {
  stage = await AlertStage.open();
  [first, second] = stage.routing.followers as [EmbeddedFollower, EmbeddedFollower];
});
afterAll(() => stage?.close());

/** Does it again and again until the work has ended. */
async function during(work: Promise<unknown>, act: () => Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined);
  while (!isOver) await act();
  await over;
}

/** For a fifth of a second ends the connection of every read that it finds running on the server. */
const endReads = (server: EmbeddedFollower) =>
  ask(
    server.url,
    `DO $$ BEGIN FOR look IN 1..80 LOOP
      PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'tandem-follower' AND state = 'active';
      PERFORM pg_sleep(0.002), pg_stat_clear_snapshot();
    END LOOP; END $$`,
  );

/** Answers the result of a job that an operator has asked for. */
async function runJob(type: string): Promise<unknown> {
  const { headers } = await stage.routing.call('POST', '/api/jobs', { json: { type } });
  return eventually(async () => {
    const job = (await stage.routing.call('GET', String(headers.location))).json();
    expect(job).toMatchObject({ state: 'completed' });
    return job.result;
  });
}

const requestJob = (date: string) => stage.routing.call('POST', '/api/jobs', { json: { type: 'aggregate', date } });

/** A job of another version, which fails at its first attempt. */
const plantUnreadableJob = () =>
  stage.routing.sql(
    `INSERT INTO jobs (organization_id, type, queue, max_attempts, payload) VALUES ($1, 'aggregate', 'default', 1, '{}')`,
    [stage.routing.admin.organizationId],
  );

/** Jobs that fail for good, and then one that nobody begins. */
async function failAndStopJobs(): Promise<void> {
  await plantUnreadableJob();
  await eventually(() => expect(stage.alerts.lately).toContain('TandemJobsFailed'));
  await plantUnreadableJob();
  await readBeyondPrimary(stage.routing, 12);
  await sleep(500);
  await stage.stopWorker();
  await requestJob('2026-01-03');
}

describe('each alert fires when its cause is there, and no other does', () => {
  beforeEach(() => stage.beginStep());

  it('none while all is well', async () => {
    for (const date of ['2026-01-01', '2026-01-02']) {
      await requestJob(date);
      await sleep(1_500);
    }
    stage.expectOnly([]);
  });

  it('replay stands still; reads fail on a follower that serves; tokens of lost writes; jobs fail, then wait', async () => {
    await pauseReplay(second.url);
    const names = ['TandemFollowerStale', 'TandemReadRetries', 'TandemTokenBeyondPrimary', 'TandemJobsStuck'];
    const firing = stage.untilFiring([...names, 'TandemJobsFailed']);
    await during(Promise.all([firing, failAndStopJobs()]), () => endReads(first));
    expect(stage.alerts.valuesOf('TandemFollowerStale', 'follower')).toEqual([second.name]);
    await resumeReplay(second.url);
  });

  it('the process stands still; the queue does not answer', async () => {
    const release = await lockTable(stage.routing.cluster.primary.url, 'queue.job');
    await during(stage.untilFiring(['TandemProcessBlocked', 'TandemQueueDown'], ['TandemJobsStuck']), async () => {
      process.kill(stage.routing.api.pid, 'SIGSTOP');
      await sleep(STANDS_STILL_MS);
      process.kill(stage.routing.api.pid, 'SIGCONT');
      await sleep(RUNS_MS);
    }).finally(release);
  });

  it('a follower is lost for long, another again and again', async () => {
    await signalServer(first, 'SIGKILL');
    const firing = stage.untilFiring(['TandemFollowerDown', 'TandemFollowerFlapping'], ['TandemJobsStuck']);
    await during(Promise.all([firing, stage.startWorker()]), async () => {
      await second.stop('fast');
      await second.start();
      await sleep(1_500);
    });
    expect(stage.alerts.valuesOf('TandemFollowerDown', 'follower')).toEqual([first.name]);
  });

  it('none any more when all is well again', async () => {
    await first.start();
    await stage.untilQuiet();
  });

  it('a transaction that has written stays open', async () => {
    const client = new pg.Client({ connectionString: stage.routing.cluster.primary.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query('BEGIN');
    await client.query(`UPDATE organizations SET name = name || '.'`);
    await stage.untilFiring(['TandemChangeLogDelayed']).finally(() => client.end());
    await stage.untilQuiet();
  });

  it('nobody can fold', async () => {
    const client = new pg.Client({ connectionString: stage.routing.cluster.primary.url });
    client.on('error', () => undefined);
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${ROLLUP_LOCK.join(', ')})`);
    await stage.untilFiring(['TandemRollupsBehind']).finally(() => client.end());
    await stage.untilQuiet();
  });

  it('totals are wrong, until they are rebuilt', async () => {
    const { sql, admin } = stage.routing;
    await sql('UPDATE users SET is_operator = true WHERE organization_id = $1', [admin.organizationId]);
    await sql('UPDATE organization_totals SET customers = customers + 1');
    await runJob('verify-rollups');
    await stage.untilFiring(['TandemRollupsWrong']);
    await runJob('rebuild-rollups');
    await stage.untilQuiet();
    expect(await runJob('verify-rollups')).toEqual({ drift: 0 });
  });

  it('a process is started while replay stands still', async () => {
    await pauseReplay(second.url);
    await stage.stopWorker();
    await stage.startWorker();
    await stage.untilFiring(['TandemFollowerAgeUnknown'], ['TandemFollowerStale']);
    expect(stage.alerts.valuesOf('TandemFollowerAgeUnknown', 'follower')).toEqual([second.name]);
    expect(stage.alerts.valuesOf('TandemFollowerAgeUnknown', 'app')).toEqual(['worker']);
    await resumeReplay(second.url);
    await stage.untilQuiet();
  });

  it('a follower is promoted', async () => {
    await ask(first.url, 'SELECT pg_promote()');
    await stage.untilFiring(['TandemFollowerRoleChanged']);
    expect(stage.alerts.valuesOf('TandemFollowerRoleChanged', 'follower')).toEqual([first.name]);
  });

  it('more reads come than the fallback takes while no follower serves', async () => {
    await second.stop('immediate');
    const release = await lockTable(stage.routing.cluster.primary.url, 'rollup_state');
    const names = ['TandemFallbackShedding', 'TandemPoolWaiting', 'TandemHighErrorRate'];
    const reads: Promise<unknown>[] = [];
    await during(stage.untilFiring(names, ['TandemFollowerDown', 'TandemRollupsBehind']), async () => {
      reads.push(
        // Each asks something else: what is asked alike is answered together.
        ...Array.from({ length: FLOOD }, (_, index) =>
          stage.routing.call('GET', `/api/analytics/customers/${index + 1}`).catch(() => undefined),
        ),
      );
      await sleep(500);
    }).finally(release);
    await Promise.all(reads);
    expect(stage.alerts.valuesOf('TandemPoolWaiting', 'pool')).toEqual(['fallback']);
  });

  it('the primary is stopped', async () => {
    await stage.routing.cluster.primary.stop('immediate');
    await stage.untilFiring(['TandemPrimaryDown'], ['TandemFollowerDown']);
  });

  it('the API ends', async () => {
    await stage.routing.api.stop();
    await stage.untilFiring(['TandemApiAbsent']);
  });
});

describe('after all that', () => {
  const rules = readRuleFile().groups.flatMap((group) => group.rules);
  const texts = [
    ...rules.map(({ expr }) => expr),
    ...dashboardQueries(readDashboard()).map(({ text }) => text),
    ...dashboardChoices(readDashboard()).map(({ selector }) => selector),
  ];

  it('every rule has fired', () => {
    expect([...stage.alerts.everFired].sort()).toEqual(rules.map(({ alert }) => alert).sort());
  });

  it('every panel of the dashboard has shown something', () => {
    expect(stage.dashboard.neverShown).toEqual([]);
  });

  it('every metric and label that rules and dashboard name has been scraped from a process', () => {
    const selectors = texts.flatMap((text) => selectorsOf(parsePromql(text)));
    expect(selectors.filter((selector) => !stage.history.hasSeen(selector)).map(({ name }) => name)).toEqual([]);
    for (const { selector, label } of dashboardChoices(readDashboard())) {
      const [{ name }] = selectorsOf(parsePromql(selector)) as [Selector];
      if (label !== LABEL_OF_PROMETHEUS) expect(stage.history.labelsOf(name)).toContain(label);
    }
    for (const text of texts) {
      const own = selectorsOf(parsePromql(text)).flatMap(({ name }) => [...stage.history.labelsOf(name)]);
      const unknown = labelsIn(text).filter((label) => !own.includes(label) && label !== LABEL_OF_PROMETHEUS);
      expect([text, unknown]).toEqual([text, []]);
    }
  });
});

/** Those in `by`, `on`, `ignoring` and `without`. */
const labelsIn = (text: string): string[] =>
  [...text.matchAll(/\b(?:by|on|ignoring|without) \(([^)]*)\)/g)].flatMap(([, names = '']) =>
    names.split(',').flatMap((name) => name.trim() || []),
  );
