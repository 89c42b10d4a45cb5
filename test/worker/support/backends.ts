import { spawnSync } from 'node:child_process';

/** What a queue can live on. */
export type Backend = 'postgres' | 'redis';

const hasRedis = spawnSync('redis-server', ['--version']).status === 0;

/** The backends that can be tested here: Redis needs a `redis-server` on the PATH. */
export const BACKENDS: Backend[] = hasRedis ? ['postgres', 'redis'] : ['postgres'];
