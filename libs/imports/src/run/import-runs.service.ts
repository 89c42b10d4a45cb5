import { AsyncLocalStorage } from 'node:async_hooks';
import { InvalidPayloadError } from '@app/jobs';
import { Injectable } from '@nestjs/common';
import { RejectsRepository } from '../report/rejects.repository.js';
import type { RejectedLine } from '../rows/rejected-line.js';
import { RowWriter } from '../write/row-writer.service.js';
import { ahead } from './ahead.js';
import { type FileBatch, fileBatches } from './file-batches.js';
import type { ImportFile } from './import-file.js';
import { ImportFilesRepository } from './import-files.repository.js';
import {
  after,
  atStart,
  fromCheckpoint,
  type ImportProgress,
  nothingLanded,
  percentOf,
  resultOf,
} from './import-progress.js';

/** What an import needs of the job that it is; the worker's `JobRun` is one. */
export interface ImportRun {
  readonly checkpoint: unknown;
  readonly signal: AbortSignal;
  reportProgress(percent: number): Promise<void>;
  step<T>(effect: () => Promise<T>, note: (result: T) => { checkpoint: object; percent: number }): Promise<T>;
  complete(effect: () => Promise<unknown>): Promise<void>;
}

/** While all were written in one transaction, something was refused that had been found good before. */
class RefusedTogetherError extends Error {
  constructor(readonly rejected: RejectedLine[]) {
    super('A line was refused that had been found good');
  }
}

/** Does the work of import jobs. */
@Injectable()
export class ImportRuns {
  constructor(
    private readonly files: ImportFilesRepository,
    private readonly writer: RowWriter,
    private readonly rejects: RejectsRepository,
  ) {}

  /**
   * Imports a file: batch by batch, each in a transaction with the job's checkpoint, so that after a crash at any point every record
   * was done once; `atomic` ones are tried in the same way first, and when all is good written in the one transaction that completes
   * the job.
   */
  async run(organizationId: number, importId: string, run: ImportRun): Promise<void> {
    const file = await this.files.find(organizationId, importId);
    if (file === null) throw new InvalidPayloadError('import_id');
    const isTrial = file.atomic || file.dryRun;
    const end = await this.pass(file, run, isTrial);
    if (file.atomic && end.rejected > 0) return this.complete(file, run, async () => nothingLanded(end, end.rejected));
    if (file.atomic && !file.dryRun) return this.writeTogether(file, run, end);
    return this.complete(file, run, async () => resultOf(end));
  }

  private async pass(file: ImportFile, run: ImportRun, isTrial: boolean): Promise<ImportProgress> {
    let progress = fromCheckpoint(file, run.checkpoint);
    const share = file.atomic && !file.dryRun ? 0.5 : 1;
    for await (const batch of ahead(this.batches(file, run, progress))) {
      const outcome = await run.step(
        async () => {
          const found = await (isTrial
            ? this.writer.try(orderOf(file), batch.good)
            : this.writer.write(orderOf(file), batch.good));
          await this.rejects.add(file.id, file.columns.length, [...batch.rejected, ...found.rejected]);
          return found;
        },
        (found) => ({ checkpoint: after(progress, batch, found), percent: percentOf(batch.end, file) * share }),
      );
      progress = after(progress, batch, outcome);
    }
    return progress;
  }

  private async writeTogether(file: ImportFile, run: ImportRun, tried: ImportProgress): Promise<void> {
    // Progress shows at once only from outside of the transaction.
    const outside = AsyncLocalStorage.snapshot();
    try {
      await this.complete(file, run, async () => {
        let progress = atStart(file);
        for await (const batch of this.batches(file, run, progress)) {
          run.signal.throwIfAborted();
          const outcome = await this.writer.write(orderOf(file), batch.good);
          const rejected = [...batch.rejected, ...outcome.rejected];
          if (rejected.length > 0) throw new RefusedTogetherError(rejected);
          progress = after(progress, batch, outcome);
          await outside(() => run.reportProgress(50 + percentOf(batch.end, file) / 2));
        }
        return resultOf(progress);
      });
    } catch (error) {
      if (!(error instanceof RefusedTogetherError)) throw error;
      await this.complete(file, run, async () => {
        await this.rejects.add(file.id, file.columns.length, error.rejected);
        return nothingLanded(tried, error.rejected.length);
      });
    }
  }

  /** With the result the file goes. */
  private complete(file: ImportFile, run: ImportRun, effect: () => Promise<unknown>): Promise<void> {
    return run.complete(async () => {
      const result = await effect();
      await this.files.forgetBytes(file.id);
      return result;
    });
  }

  private batches(file: ImportFile, run: ImportRun, { offset, line }: ImportProgress): AsyncGenerator<FileBatch> {
    const readChunk = async (number: number): Promise<Buffer> => {
      // A line of GiBs is skipped without a batch.
      run.signal.throwIfAborted();
      return this.files.chunk(file.id, number);
    };
    return fileBatches(file, readChunk, { offset, line });
  }
}

function orderOf({ id, organizationId, mode }: ImportFile) {
  return { importId: id, organizationId, mode };
}
