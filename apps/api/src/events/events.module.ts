import { ChangeLogModule } from '@app/change-log';
import { Module } from '@nestjs/common';
import { EntityEventsController } from './entity-events.controller.js';
import { EventsController } from './events.controller.js';
import { EVENT_STREAM_METRIC_PROVIDERS, EventStreams } from './streams/event-streams.service.js';

@Module({
  imports: [ChangeLogModule],
  controllers: [EventsController, EntityEventsController],
  providers: [EventStreams, ...EVENT_STREAM_METRIC_PROVIDERS],
})
export class EventsApiModule {}
