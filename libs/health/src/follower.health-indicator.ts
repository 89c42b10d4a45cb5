import { Followers } from '@app/database';
import { Injectable } from '@nestjs/common';
import { HealthIndicatorService } from '@nestjs/terminus';

/** The pool of the follower. Never `down`: without one, reads use the primary. */
@Injectable()
export class FollowerHealthIndicator {
  constructor(
    private readonly indicator: HealthIndicatorService,
    private readonly followers: Followers,
  ) {}

  check() {
    const session = this.indicator.check('follower');
    const { state } = this.followers;
    // Drained is what an operator wants: nothing is wrong then.
    if (state === 'absent' || state === 'drained') return session.up({ state, reads: 'primary' });
    return this.followers.isServing
      ? session.up({ state, reads: 'follower' })
      : session.degraded({ state, reads: 'primary' });
  }
}
