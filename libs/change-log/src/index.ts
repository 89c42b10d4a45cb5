export { ChangeLogModule } from './change-log.module.js';
export { ChangeLogService, type EventPage, type LoggedEvent, type ReadOptions } from './change-log.service.js';
export { CHANGE_LOG_METRIC_PROVIDERS, ChangeLogDelay } from './delay/change-log-delay.service.js';
export { hasReached } from './event-cursor.js';
export { type EventFilter, isEventPattern, isWanted } from './event-filter.js';
export { type Restored, UndoService } from './undo/undo.service.js';
export { ChangeLogUpkeep } from './upkeep/change-log-upkeep.service.js';
