export { FOLLOWER, PRIMARY } from './data-source-names.js';
export { DatabaseModule } from './database.module.js';
export { csvCell } from './listing/csv-cell.js';
export { jsonTime } from './listing/json-time.js';
export type { ListFilters, ListRequest, Page, PageRequest } from './listing/list-request.js';
export { Listing, type ListingDescription } from './listing/listing.js';
export { MIGRATIONS, type MigrationProgress, pendingMigrationNames, runMigrations } from './migrations/index.js';
export { PointRead } from './point-reads/point-read.js';
export { DatabaseReadiness } from './readiness.service.js';
export { FOLLOWER_STATES, type FollowerState } from './routing/follower-state.js';
export { Followers } from './routing/followers.service.js';
export { type ReadOptions, type ReadPreference, ROUTE_REASONS, type RouteReason } from './routing/read-options.js';
export { ReadRouter } from './routing/read-router.service.js';
export { type ReplicationReport, ReplicationStatus } from './routing/replication-status.service.js';
export { demandOfReads, requestReads, type ServedRead } from './routing/request-reads.js';
export { connectionSettings } from './servers/connection-settings.js';
export {
  isConnectionFailure,
  isForeignKeyViolation,
  isSqlError,
  isUniqueViolation,
} from './servers/database-errors.js';
export { PrimaryDatabase } from './servers/primary-database.service.js';
export { PrimaryMonitor, type PrimaryState } from './servers/primary-monitor.service.js';
export { type SqlSession, type Statement, statement } from './servers/statement.js';
export { literal } from './streams/literal.js';
export { type CopyFormat, RowStreams } from './streams/row-streams.service.js';
export { PrimarySnapshots, type SnapshotOptions } from './transactions/primary-snapshots.service.js';
export { TransactionRunner } from './transactions/transaction-runner.service.js';
