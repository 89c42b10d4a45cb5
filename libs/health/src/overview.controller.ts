import { Followers, PrimaryMonitor } from '@app/database';
import { Controller, Get, Res, SetMetadata } from '@nestjs/common';

/** The body of GET /health, frozen since the Go service. */
export interface HealthOverview {
  status: 'healthy' | 'unhealthy';
  database: 'connected' | 'disconnected';
  analytics_db: 'connected' | 'disconnected' | 'using primary';
}

/** GET /health as clients of the Go service know it: 503 only when the primary is down. */
@SetMetadata('access', 'public')
@Controller('health')
export class OverviewController {
  constructor(
    private readonly primary: PrimaryMonitor,
    private readonly followers: Followers,
  ) {}

  @Get()
  overview(@Res({ passthrough: true }) response: { code(status: number): unknown }): HealthOverview {
    const isUp = this.primary.state === 'up';
    response.code(isUp ? 200 : 503);
    return {
      status: isUp ? 'healthy' : 'unhealthy',
      database: isUp ? 'connected' : 'disconnected',
      analytics_db: this.analytics(),
    };
  }

  private analytics(): HealthOverview['analytics_db'] {
    if (this.followers.state === 'absent' || this.followers.state === 'drained') return 'using primary';
    return this.followers.isServing ? 'connected' : 'disconnected';
  }
}
