import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.js';
import { JobStack, type RunningWorker } from '../worker/support/job-stack.js';
import { Receiver } from './support/receiver.js';
import { untilReceived, WebhookClient } from './support/webhook-client.js';

const GOOD = 100;
const VARIABLES = { WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_PERMILLE: '1' };

describe('many receivers at once', () => {
  let stack: JobStack;
  let worker: RunningWorker;
  let admin: WebhookClient;
  let receivers: Receiver[];
  beforeAll(async () => {
    stack = await JobStack.start('postgres', undefined, VARIABLES);
  });
  beforeEach(async () => {
    worker = await stack.startWorker();
    admin = new WebhookClient(await stack.register(`admin-${crypto.randomUUID()}`));
    receivers = [];
  });
  afterEach(async () => {
    for (const receiver of receivers) await receiver.close();
    await worker.process.stop();
  });
  afterAll(() => stack?.stop());

  const open = async (count: number): Promise<Receiver[]> => {
    const opened: Receiver[] = [];
    for (let n = 0; n < count; n += 1) opened.push(await Receiver.open());
    receivers.push(...opened);
    return opened;
  };
  const customersOf = (receiver: Receiver) => receiver.events.map(({ entity_id }) => Number(entity_id));

  test('good ones get everything in order beside dead, slow, redirecting and failing ones', async () => {
    const bad = await open(5);
    const [dead, slow, dripping, redirecting, failing] = bad as [Receiver, Receiver, Receiver, Receiver, Receiver];
    slow.answer = () => undefined;
    dripping.answer = (response) => response.writeHead(200).write('x');
    redirecting.answerStatus(302, { location: dead.url });
    failing.answerStatus(500);
    const badIds = await admin.addAll(bad);
    await dead.close();
    const good = await open(GOOD);
    await admin.addAll(good);

    const customers = await admin.addCustomers(10);

    for (const receiver of good) {
      await untilReceived(receiver, customers);
      expect(customersOf(receiver)).toEqual(customers);
    }
    tellLatency(good);
    const errorsOf = async (id = '') => (await admin.deliveries(id)).map(({ last_error }) => last_error);
    expect(await errorsOf(badIds[0])).toContain('The connection was refused');
    expect(slow.messages.length).toBeGreaterThan(0);
    expect(redirecting.messages.length).toBeGreaterThan(0);
  });

  test('a worker killed while it delivers loses nothing, and repeats under the same id', async () => {
    const [receiver, holding] = (await open(2)) as [Receiver, Receiver];
    let isHolding = true;
    holding.answer = (response) => {
      // Received, and never acknowledged: what a kill makes doubtful.
      if (!isHolding) response.writeHead(200).end();
    };
    await admin.addAll([receiver, holding]);
    const customers = await admin.addCustomers(5);
    await eventually(() => expect(holding.messages.length).toBeGreaterThan(0), 15_000);

    worker.process.child.kill('SIGKILL');
    await worker.process.exited();
    isHolding = false;
    customers.push(...(await admin.addCustomers(5)));
    worker = await stack.startWorker();

    for (const each of [receiver, holding]) {
      await untilReceived(each, customers, 30_000);
      const idOf = new Map<number, Set<string>>();
      for (const [index, customer] of customersOf(each).entries()) {
        idOf.set(customer, (idOf.get(customer) ?? new Set()).add(each.ids[index] ?? ''));
      }
      expect([...idOf.values()].every((ids) => ids.size === 1)).toBe(true);
    }
    expect(holding.ids.length).toBeGreaterThan(new Set(holding.ids).size);
  });

  test('a stopping worker ends with 0 while a receiver keeps it waiting, and stores what it has sent', async () => {
    const [slow] = (await open(1)) as [Receiver];
    slow.answer = (response) => setTimeout(() => response.writeHead(200).end(), 2_000);
    const [id] = await admin.addAll([slow]);
    await admin.addCustomers(2);
    await eventually(() => expect(slow.messages).toHaveLength(1), 15_000);

    worker.process.child.kill('SIGTERM');

    expect(await worker.process.exited(24_000)).toBe(0);
    const states = (await admin.deliveries(id ?? '')).map(({ state }) => state);
    expect(states.sort()).toEqual(['delivered', 'pending']);
    expect(slow.messages).toHaveLength(1);
  });
});

/** From the change's transaction to the receiver. Told, not judged: it is a figure of docs/webhooks.md. */
function tellLatency(receivers: Receiver[]): void {
  const waits = receivers
    .flatMap(({ messages }) => messages)
    .map(({ at, body }) => at - Date.parse(JSON.parse(body).occurred_at))
    .sort((a, b) => a - b);
  const [middle, most] = [waits[Math.floor(waits.length / 2)], waits.at(-1)];
  console.log(`${waits.length} deliveries to ${receivers.length} good receivers: p50 ${middle} ms, longest ${most} ms`);
}
