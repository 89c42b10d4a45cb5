/** A file of its own, so that only a migration of a database with queues pays for loading the queue library. */
export { runQueueMigrations } from '@app/jobs';
