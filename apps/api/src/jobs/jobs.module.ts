import { AnalyticsModule } from '@app/analytics';
import { JobsModule } from '@app/jobs';
import { Module } from '@nestjs/common';
import { JobsController } from './jobs.controller.js';

@Module({ imports: [AnalyticsModule, JobsModule], controllers: [JobsController] })
export class JobsApiModule {}
