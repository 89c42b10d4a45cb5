import { type DynamicModule, type InjectionToken, Module, type ModuleMetadata } from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { DrainState } from './drain-state.service.js';
import { READINESS_INDICATORS } from './extra-indicators.js';
import { FollowerHealthIndicator } from './follower.health-indicator.js';
import { OverviewController } from './overview.controller.js';
import { PrimaryHealthIndicator } from './primary.health-indicator.js';
import { ProbesController } from './probes.controller.js';
import { ReadinessGate } from './readiness-gate.service.js';

/** /health, /health/live, /health/startup and /health/ready of one app. */
@Module({})
export class HealthModule {
  /** @param options.indicators tokens of further readiness indicators, provided by `options.imports`. */
  static forRoot(options: { imports?: ModuleMetadata['imports']; indicators?: InjectionToken[] } = {}): DynamicModule {
    return {
      module: HealthModule,
      imports: [TerminusModule.forRoot({ errorLogStyle: 'json', logger: false }), ...(options.imports ?? [])],
      controllers: [OverviewController, ProbesController],
      providers: [
        DrainState,
        FollowerHealthIndicator,
        PrimaryHealthIndicator,
        ReadinessGate,
        {
          provide: READINESS_INDICATORS,
          inject: options.indicators ?? [],
          useFactory: (...indicators: unknown[]) => indicators,
        },
      ],
      exports: [DrainState],
    };
  }
}
