import type { TestProject } from 'vitest/node';
import { startThrowAwayCluster } from './throw-away-cluster.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** The shared primary, on the database `tandem`; make a database of your own by `createTestDatabase`. */
    primaryUrl: string;
    /** Its streaming follower. */
    followerUrl: string;
  }
}

/** One primary and one streaming follower for the whole run, in a temporary directory that is gone afterwards. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { cluster, remove } = await startThrowAwayCluster(1, { max_connections: 300 });
  project.provide('primaryUrl', cluster.primary.url);
  project.provide('followerUrl', cluster.followers[0]?.url ?? '');
  return remove;
}
