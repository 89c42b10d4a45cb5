export { ChangeLogModule } from './change-log.module.js';
export { ChangeLogService, type EventPage, type LoggedEvent, type ReadOptions } from './change-log.service.js';
export { hasReached } from './event-cursor.js';
export { type EventFilter, isEventPattern, isWanted } from './event-filter.js';
export { type Restored, UndoService } from './undo/undo.service.js';
