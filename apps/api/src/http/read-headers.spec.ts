import { requestReads, type ServedRead } from '@app/database';
import { runInContext } from '@app/logging';
import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { showReads } from './read-headers.js';

const OURS = /^(x-(consistency|db)|server-timing)/;
const SERVED: ServedRead = {
  target: 'follower',
  reason: 'ok',
  asOf: 1_000.5,
  answeredAt: 1_100.25,
  waitMs: 0,
  databaseMs: 1.25,
};
type Reads = NonNullable<ReturnType<typeof requestReads>>;

/** The headers about reads that an answer carries after its request has dealt so with the databases. */
async function headersAfter(happens: (reads: Reads) => void): Promise<Record<string, unknown>> {
  const fastify = Fastify();
  fastify.addHook('onRequest', (_request, _reply, done) => runInContext({ requestId: 'test' }, done));
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    showReads(reply);
    done();
  });
  fastify.get('/', async () => {
    happens(requestReads() as Reads);
    return 'x';
  });
  const { headers } = await fastify.inject('/');
  return Object.fromEntries(Object.entries(headers).filter(([name]) => OURS.test(name)));
}

const at = (lsn: bigint) => ({ systemId: '7400000000000000001', timeline: 1, lsn });

test('an answer without any read says nothing of reads', async () => {
  expect(await headersAfter(() => undefined)).toEqual({});
});

test('an answer from the follower says so, and how old it may be, in whole milliseconds rounded up', async () => {
  expect(
    await headersAfter((reads) => {
      reads.noteSeen(at(0x3000148n));
      reads.noteServed(SERVED);
    }),
  ).toEqual({
    'x-consistency-token': 'v1.7400000000000000001.1.0/3000148',
    'x-db-route': 'follower',
    'x-db-route-reason': 'ok',
    'x-db-staleness-ms': '100',
    'server-timing': 'db;dur=1.3',
  });
});

test('an answer of no known age does not claim one', async () => {
  const headers = await headersAfter((reads) => reads.noteServed({ ...SERVED, asOf: null }));
  expect(headers).not.toHaveProperty('x-db-staleness-ms');
  expect(headers).toHaveProperty('x-db-route', 'follower');
});

test('an answer of the primary is 0 ms old; what is wrong and what was waited for are told', async () => {
  const headers = await headersAfter((reads) =>
    reads.noteServed({
      target: 'primary',
      reason: 'token-ahead',
      answeredAt: 1_000,
      waitMs: 50.26,
      databaseMs: 3,
      degraded: 'follower-down',
    }),
  );
  expect(headers).toEqual({
    'x-db-route': 'primary',
    'x-db-route-reason': 'token-ahead',
    'x-db-staleness-ms': '0',
    'x-db-degraded': 'follower-down',
    'server-timing': 'wait;dur=50.3, db;dur=3.0',
  });
});

test('a write carries the token of what it wrote, and no route', async () => {
  expect(await headersAfter((reads) => reads.noteWritten(at(0x3000200n)))).toEqual({
    'x-consistency-token': 'v1.7400000000000000001.1.0/3000200',
  });
});

test('a token of another history is told to be reset', async () => {
  const headers = await headersAfter((reads) => {
    reads.isReset = true;
    reads.noteSeen(at(0x100n));
  });
  expect(headers).toMatchObject({ 'x-consistency': 'reset', 'x-consistency-token': expect.stringMatching(/0\/100$/) });
});
