import { type DynamicModule, Module } from '@nestjs/common';
import { Configuration } from './configuration.js';

/** Makes one checked configuration injectable everywhere, under the token `Configuration`. */
@Module({})
export class ConfigModule {
  static forRoot(configuration: Configuration): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: Configuration, useValue: configuration }],
      exports: [Configuration],
    };
  }
}
