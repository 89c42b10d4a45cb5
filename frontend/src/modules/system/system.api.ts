import { answerOf, api } from '../../api/client';
import type { paths } from '../../api/schema';

export type Replication = paths['/api/system/replication']['get']['responses'][200]['content']['application/json'];
export type Primary = Replication['primary'];
export type Follower = Replication['followers'][number];
export type Pool = Replication['pools'][number];
export type RouteCount = Replication['routes'][number];
export type Transition = Replication['transitions'][number];
export type StalenessSample = Replication['history'][number];

export async function getReplication(signal: AbortSignal): Promise<Replication> {
  return (await answerOf(api.GET('/api/system/replication', { signal }))).data;
}
