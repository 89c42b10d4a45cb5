import { Module } from '@nestjs/common';
import { ChangeLogQueries } from './change-log.queries.js';
import { ChangeLogService } from './change-log.service.js';
import { DeletionsRepository } from './undo/deletions.repository.js';
import { UndoService } from './undo/undo.service.js';

@Module({
  providers: [ChangeLogQueries, ChangeLogService, DeletionsRepository, UndoService],
  exports: [ChangeLogService, UndoService],
})
export class ChangeLogModule {}
