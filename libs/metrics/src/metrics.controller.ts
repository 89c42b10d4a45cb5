import { timingSafeEqual } from 'node:crypto';
import { Configuration } from '@app/config';
import { DomainError } from '@app/errors';
import { Controller, Get, Headers, Inject, Res, SetMetadata } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';

/** What Prometheus scrapes. Answers 401 to a wrong token where one is configured; open otherwise. */
@SetMetadata('access', 'public')
@Controller()
export class MetricsController extends PrometheusController {
  constructor(@Inject(Configuration) private readonly configuration: Configuration) {
    super();
  }

  @Get()
  override index(@Res({ passthrough: true }) response: unknown, @Headers('authorization') authorization?: string) {
    const token = this.configuration.metricsToken;
    if (token !== undefined && !isSame(authorization ?? '', `Bearer ${token}`)) {
      throw new DomainError('invalid_token', 'Invalid or expired token');
    }
    return super.index(response);
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
