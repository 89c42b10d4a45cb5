import { Configuration } from '@app/config';
import { Inject, Injectable } from '@nestjs/common';
import { PartitionsRepository } from './partitions.repository.js';

/** Keeps the log's partitions ahead of need and drops those that nobody may see any more. */
@Injectable()
export class ChangeLogUpkeep {
  private readonly days: number;

  constructor(
    private readonly partitions: PartitionsRepository,
    @Inject(Configuration) { changeLog }: Configuration,
  ) {
    this.days = changeLog.auditDays;
  }

  /** Answers how many partitions it dropped. Fails where others keep it from the tables; the next hour will do. */
  async run(): Promise<number> {
    await this.partitions.ensure();
    return this.partitions.drop(this.days);
  }
}
