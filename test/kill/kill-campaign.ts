import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { SeededRandom } from '../faults/chaos/seeded-random.js';
import { httpCall } from '../support/http-call.js';
import { countStoredDays, JobAsker } from './job-asker.js';
import { KeptBooks } from './kept-books.js';
import type { KillSize } from './kill-size.js';
import { killAtRandom } from './killer.js';
import { LogFollower } from './log-follower.js';
import { PatientClient } from './patient-client.js';
import { writeRecords } from './record-writer.js';
import { rollupDifferences } from './rollup-check.js';
import type { Deployment } from './victims.js';
import { WebhookReceiver } from './webhook-receiver.js';

const WRITERS_EACH = 2;
export const SETTLE_MS = 120_000;

/** What one organization does during a campaign. */
interface Tenant {
  admin: Person;
  client: PatientClient;
  jobs: JobAsker;
  log: LogFollower;
  receiver: WebhookReceiver;
}

/** Everything that was counted; the lists hold one line for each thing amiss. */
export interface KillCount {
  deaths: Map<string, number>;
  lost: string[];
  doubled: string[];
  differences: string[];
  log: { missing: string[]; doubled: string[]; disordered: string[] };
  undelivered: string[];
  deliveredUnderTwoIds: string[];
  rollups: string[];
  acknowledged: number;
  unknown: number;
  jobs: number;
  events: number;
  deliveries: number;
}

/** Kills at random under load until time is over, lets everything come to rest, and counts. */
export async function runCampaign(deployment: Deployment, size: KillSize): Promise<KillCount> {
  const { sql } = deployment;
  const random = new SeededRandom(size.seed);
  await countStoredDays(sql);
  const tenants: Tenant[] = [];
  const books = new KeptBooks();
  let isOver = false;
  const over = () => isOver;
  try {
    for (let count = 0; count < size.writers / WRITERS_EACH; count += 1) tenants.push(await settleIn(deployment, size));
    const work = tenants.flatMap((tenant, place) => [
      tenant.jobs.run(over),
      tenant.log.run(over),
      ...Array.from({ length: WRITERS_EACH }, (_, each) =>
        writeRecords(
          tenant.client,
          books,
          new SeededRandom(size.seed * 100 + place * 10 + each),
          `${place}-${each}`,
          over,
        ),
      ),
    ]);
    // A client that fails ends the campaign, which goes on killing meanwhile and must not be left alone with it.
    const working = Promise.all(work);
    working.catch(() => undefined);
    const deaths = await killAtRandom(deployment.victims, random, size);
    await deployment.untilReady();
    await sleep(1_000);
    isOver = true;
    await working;
    return { deaths, ...(await count(tenants, books, sql)) };
  } finally {
    isOver = true;
    for (const { receiver } of tenants) receiver.close();
  }
}

async function settleIn({ apiUrl, sql }: Deployment, size: KillSize): Promise<Tenant> {
  const stage = {
    call: (...call: [string, string, object?]) => httpCall(apiUrl, ...call),
    sql: async <Row extends object>(text: string, values: unknown[] = []) => (await sql.query<Row>(text, values)).rows,
  };
  const admin = await registerAdmin(stage, 'kill');
  const client = new PatientClient(apiUrl, admin.token);
  return {
    admin,
    client,
    jobs: new JobAsker(client, admin.organizationId, size.importRows),
    log: new LogFollower(client, admin.organizationId),
    receiver: await WebhookReceiver.open(client),
  };
}

async function count(tenants: Tenant[], books: KeptBooks, sql: pg.Pool): Promise<Omit<KillCount, 'deaths'>> {
  const counted: Omit<KillCount, 'deaths'> = {
    lost: [],
    doubled: [],
    differences: await books.differences(sql),
    log: { missing: [], doubled: [], disordered: [] },
    undelivered: [],
    deliveredUnderTwoIds: [],
    rollups: [],
    acknowledged: books.acknowledged,
    unknown: books.unknown,
    jobs: 0,
    events: 0,
    deliveries: 0,
  };
  for (const { admin, client, jobs, log, receiver } of tenants) {
    const { lost, doubled } = await jobs.shortfalls(sql, SETTLE_MS);
    counted.lost.push(...lost);
    counted.doubled.push(...doubled);
    await log.finish(SETTLE_MS, sql);
    const faults = await log.faults(sql);
    counted.log.missing.push(...faults.missing);
    counted.log.doubled.push(...faults.doubled);
    counted.log.disordered.push(...faults.disordered);
    const wanted = log.events.filter(({ entity }) => entity === 'customer').map(({ cursor }) => cursor);
    counted.undelivered.push(...(await missingDeliveries(receiver, wanted)));
    counted.deliveredUnderTwoIds.push(
      ...[...receiver.idsOf].filter(([, ids]) => ids.size > 1).map(([cursor, ids]) => `${cursor}: ${[...ids]}`),
    );
    counted.rollups.push(...(await rollupDifferences(client, sql, admin.organizationId)));
    counted.jobs += jobs.accepted.length;
    counted.events += log.events.length;
    counted.deliveries += receiver.requests;
  }
  return counted;
}

async function missingDeliveries({ idsOf }: WebhookReceiver, wanted: string[]): Promise<string[]> {
  const deadline = performance.now() + SETTLE_MS;
  for (;;) {
    const missing = wanted.filter((cursor) => !idsOf.has(cursor));
    if (missing.length === 0 || performance.now() > deadline) return missing;
    await sleep(200);
  }
}
