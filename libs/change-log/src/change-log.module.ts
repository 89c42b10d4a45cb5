import { Module } from '@nestjs/common';
import { ChangeLogQueries } from './change-log.queries.js';
import { ChangeLogService } from './change-log.service.js';
import { DeletionsRepository } from './undo/deletions.repository.js';
import { UndoService } from './undo/undo.service.js';
import { ChangeLogUpkeep } from './upkeep/change-log-upkeep.service.js';
import { PartitionsRepository } from './upkeep/partitions.repository.js';

@Module({
  providers: [
    ChangeLogQueries,
    ChangeLogService,
    ChangeLogUpkeep,
    DeletionsRepository,
    PartitionsRepository,
    UndoService,
  ],
  exports: [ChangeLogService, ChangeLogUpkeep, UndoService],
})
export class ChangeLogModule {}
