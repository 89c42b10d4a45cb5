import { Controller, Get, HttpCode, Inject, SetMetadata } from '@nestjs/common';
import { HealthCheckService } from '@nestjs/terminus';
import { READINESS_INDICATORS, type ReadinessIndicator } from './extra-indicators.js';
import { FollowerHealthIndicator } from './follower.health-indicator.js';
import { PrimaryHealthIndicator } from './primary.health-indicator.js';
import { ReadinessGate } from './readiness-gate.service.js';

/** Probes for orchestrators. They need no token and tell no addresses. */
@SetMetadata('access', 'public')
@Controller('health')
export class ProbesController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly primary: PrimaryHealthIndicator,
    private readonly follower: FollowerHealthIndicator,
    @Inject(READINESS_INDICATORS) private readonly extra: ReadinessIndicator[],
    private readonly gate: ReadinessGate,
  ) {}

  /** The process answers; nothing else is asked, since no restart would mend a lost database. */
  @Get('live')
  @HttpCode(200)
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  /** 503 until the primary has been reached and its schema is right; 200 ever after. */
  @Get('startup')
  startup() {
    return this.health.check([() => this.primary.check()]);
  }

  /** 503 before that, while nothing can be answered, and first of all when stopping; 200 otherwise. */
  @Get('ready')
  ready() {
    this.gate.assertOpen();
    return this.health.check([
      () => this.primary.check(),
      () => this.follower.check(),
      ...this.extra.map((indicator) => async () => indicator.check()),
    ]);
  }
}
