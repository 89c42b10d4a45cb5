import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addMember, type Person } from '../builders/people.builder.js';
import { eventually } from '../support/eventually.js';
import { resumeServer, signalServer } from '../support/server-signals.js';
import { pauseReplay, resumeReplay } from './replay.js';
import { openRoutingStage, type RoutingStage } from './routing-stage.js';

/** What an operator waits at most for a page while servers hang. */
const PATIENCE_MS = 3_000;
const WITHIN_MS = 1_000;

let stage: RoutingStage;
let operator: Person;
/** Made an operator after signing in: the token knows nothing of it. */
let late: Person;
/** An operator by the token alone. */
let former: Person;
beforeAll(async () => {
  stage = await openRoutingStage();
  const caller = { call: stage.api.call, sql: stage.sql };
  const add = (isOperator: boolean) => addMember(caller, stage.admin.organizationId, 'viewer', isOperator);
  [operator, late, former] = [await add(true), await add(false), await add(true)];
  const mark = 'UPDATE users SET is_operator = $2 WHERE id = $1';
  await stage.sql(mark, [late.id, true]);
  await stage.sql(mark, [former.id, false]);
  await stage.untilCaughtUp();
});
afterAll(() => stage?.close());

const look = ({ token }: Person) => stage.call('GET', '/api/system/replication', { token });

async function expectStatuses(expected: number[]): Promise<void> {
  const answers = await Promise.all([operator, late, former].map(look));
  expect(answers.map(({ status }) => status)).toEqual(expected);
  for (const { ms } of answers) expect(ms).toBeLessThan(PATIENCE_MS);
}

it('a mark counts within a second although the follower is behind', async () => {
  const mark = (isOperator: boolean) =>
    stage.sql('UPDATE users SET is_operator = $2 WHERE id = $1', [late.id, isOperator]);
  await expectStatuses([200, 200, 403]);
  await pauseReplay(stage.follower.url);
  try {
    for (const isOperator of [false, true]) {
      await mark(isOperator);
      await eventually(async () => expect((await look(late)).status).toBe(isOperator ? 200 : 403), WITHIN_MS);
    }
  } finally {
    await resumeReplay(stage.follower.url);
  }
  await stage.untilCaughtUp();
});

it('an operator’s page works while the primary is down, and still goes by the database', async () => {
  await stage.cluster.primary.stop('fast');
  await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'disconnected' }));
  await expectStatuses([200, 200, 403]);
});

it('with no server left it is what was last known', async () => {
  await stage.follower.stop('fast');
  await eventually(async () => expect(await stage.health()).toMatchObject({ analytics_db: 'disconnected' }));
  await expectStatuses([200, 200, 403]);
});

it('of those nobody has asked for before, it is what the token says', async () => {
  await stage.cluster.primary.start();
  await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'connected' }));
  const caller = { call: stage.api.call, sql: stage.sql };
  const unknown = await addMember(caller, stage.admin.organizationId, 'viewer', true);
  await stage.cluster.primary.stop('fast');
  await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'disconnected' }));
  expect((await look(unknown)).status).toBe(200);
  expect((await look(stage.admin)).status).toBe(403);
});

it('is asked of the primary where no follower serves, and waits for no server that hangs', async () => {
  await stage.cluster.primary.start();
  await eventually(async () => expect(await stage.health()).toMatchObject({ database: 'connected' }));
  await expectStatuses([200, 200, 403]);
  await signalServer(stage.cluster.primary, 'SIGSTOP');
  try {
    // Long enough for what was known to be asked anew.
    await sleep(600);
    await expectStatuses([200, 200, 403]);
  } finally {
    resumeServer(stage.cluster.primary);
  }
});
