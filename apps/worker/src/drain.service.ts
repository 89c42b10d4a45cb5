import { DrainState } from '@app/health';
import { Queues } from '@app/jobs';
import { LOGGER, type Logger } from '@app/logging';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { WorkerLoops } from './worker-loops.service.js';

/** With what is left for closing connections, an orderly end takes less than 25 seconds. */
const JOBS_LIMIT_MS = 20_000;

/**
 * Leaves in order: readiness says no first, then nothing new is fetched, then the jobs in hand end or are handed back.
 * The probes answer until that is done; the connections close after it.
 */
@Injectable()
export class DrainService implements BeforeApplicationShutdown {
  constructor(
    private readonly state: DrainState,
    private readonly loops: WorkerLoops,
    private readonly queues: Queues,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.state.begin();
    this.logger.info('stopping');
    await this.loops.stop(JOBS_LIMIT_MS);
    await this.queues.disconnect();
  }
}
