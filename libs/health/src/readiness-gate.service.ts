import { DatabaseReadiness, Followers, PrimaryMonitor } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { DrainState } from './drain-state.service.js';

/** Whether this process should get work at all. */
@Injectable()
export class ReadinessGate {
  constructor(
    private readonly drain: DrainState,
    private readonly readiness: DatabaseReadiness,
    private readonly primary: PrimaryMonitor,
    private readonly followers: Followers,
  ) {}

  /** @throws DomainError `not_ready` with the reason. */
  assertOpen(): void {
    const reason = this.reason;
    if (reason !== undefined) throw new DomainError('not_ready', `Not ready: ${reason}`, { retryAfterSeconds: 1 });
  }

  private get reason(): string | undefined {
    if (this.drain.isDraining) return 'this process is stopping';
    if (!this.readiness.isReady) return this.readiness.reason;
    const canAnswer = this.primary.state === 'up' || this.followers.isServing;
    return canAnswer ? undefined : 'neither the primary nor a follower answers';
  }
}
