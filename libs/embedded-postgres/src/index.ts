export { makeDirectories } from './data/cluster-directory.js';
export { type ClusterOptions, deleteClusters, EmbeddedCluster, openCluster, startCluster } from './embedded-cluster.js';
export { EmbeddedFollower } from './embedded-follower.js';
export { asDirectoryError, EmbeddedPostgresError, type EmbeddedPostgresErrorCode } from './embedded-postgres.error.js';
export { EmbeddedServer } from './embedded-server.js';
export { findFreePort, isPortFree } from './server/free-port.js';
export type { StopMode } from './server/postgres-server.js';
export {
  identifyProcess,
  isSameProcess,
  type ProcessIdentity,
  signalProcess,
  waitForExit,
} from './server/process-identity.js';
export type { ServerSettings } from './server/server-settings.js';
