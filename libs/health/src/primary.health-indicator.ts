import { DatabaseReadiness, PrimaryMonitor } from '@app/database';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';

/** The pool of the primary. `down` until the schema is right; lost later it is `degraded`: reads may still work. */
@Injectable()
export class PrimaryHealthIndicator {
  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly monitor: PrimaryMonitor,
    private readonly readiness: DatabaseReadiness,
  ) {}

  check() {
    const session = this.indicator.check('primary');
    if (!this.readiness.isReady) return session.down({ reason: this.readiness.reason });
    return this.monitor.state === 'up' ? session.up() : session.degraded({ reason: 'the primary does not answer' });
  }
}
