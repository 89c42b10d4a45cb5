export { ChangeLogModule } from './change-log.module.js';
export { ChangeLogService, type EventPage, type LoggedEvent, type ReadOptions } from './change-log.service.js';
export { type EventFilter, isEventPattern } from './event-filter.js';
