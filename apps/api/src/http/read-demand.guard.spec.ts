import { requestReads } from '@app/database';
import { runInContext } from '@app/logging';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { expect, test } from 'vitest';
import { ReadDemandGuard } from './read-demand.guard.js';

const TOKEN = 'v1.7400000000000000001.1.0/3000148';

interface Sent {
  method?: string;
  route?: string;
  token?: string | string[];
  preference?: string | string[];
}

/** What the reads of a request are asked for that sends this. */
function demandOf({ method = 'GET', route = '/api/customers', token, preference }: Sent) {
  return runInContext({ requestId: 'test' }, () => {
    const headers = { 'x-consistency-token': token, 'x-read-preference': preference };
    expect(
      new ReadDemandGuard().canActivate(new ExecutionContextHost([{ method, routeOptions: { url: route }, headers }])),
    ).toBe(true);
    const reads = requestReads();
    return { lsn: reads?.token?.lsn, demand: reads?.demand };
  });
}

const NOTHING = { lsn: undefined, demand: {} };

test('a request that sends neither header asks for nothing', () => {
  expect(demandOf({})).toEqual(NOTHING);
});

test.each(['GET', 'HEAD'])('%s asks for both', (method) => {
  expect(demandOf({ method, token: TOKEN, preference: 'follower-preferred; wait=100' })).toEqual({
    lsn: 0x3000148n,
    demand: { preference: 'follower-preferred', waitMs: 100 },
  });
});

test.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
  '%s takes a token alone: where it reads is not for clients to say',
  (method) => {
    expect(demandOf({ method, token: TOKEN, preference: 'nonsense' })).toEqual({ lsn: 0x3000148n, demand: {} });
  },
);

test.each<[string, Sent, string]>([
  ['a malformed token', { token: 'v1.x' }, 'invalid_consistency_token'],
  ['an empty token', { token: '' }, 'invalid_consistency_token'],
  ['a token that comes twice', { token: [TOKEN, TOKEN] }, 'invalid_consistency_token'],
  ['two tokens in one header', { token: `${TOKEN}, ${TOKEN}` }, 'invalid_consistency_token'],
  ['a malformed token of a write', { method: 'POST', token: 'v1.x' }, 'invalid_consistency_token'],
  ['a malformed preference', { preference: 'nearest' }, 'invalid_read_preference'],
  ['an empty preference', { preference: '' }, 'invalid_read_preference'],
  ['a preference that comes twice', { preference: ['primary', 'primary'] }, 'invalid_read_preference'],
])('%s is refused', (_case, sent, code) => {
  expect(() => demandOf(sent)).toThrow(expect.objectContaining({ code }));
});

test.each(['/health', '/metrics', '/*', '/swagger/doc.json'])(
  '%s has no use for either, however malformed',
  (route) => {
    expect(demandOf({ route, token: 'nonsense', preference: 'nonsense' })).toEqual(NOTHING);
  },
);
