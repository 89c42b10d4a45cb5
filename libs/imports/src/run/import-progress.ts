import { InvalidPayloadError } from '@app/jobs';
import type { FilePosition } from '../csv/record.js';
import type { ImportResult } from '../import-options.js';
import type { WriteOutcome } from '../write/write-outcome.js';
import type { FileBatch } from './file-batches.js';
import type { ImportFile } from './import-file.js';

/** How far an import is: where to go on, and what became of the records before. It is the job's checkpoint. */
export interface ImportProgress extends FilePosition, ImportResult {}

const KEYS = ['offset', 'line', 'rows', 'inserted', 'updated', 'rejected'] as const;

export function atStart({ start }: ImportFile): ImportProgress {
  return { ...start, rows: 0, inserted: 0, updated: 0, rejected: 0 };
}

/** @throws InvalidPayloadError for a checkpoint that this version can't make sense of. */
export function fromCheckpoint(file: ImportFile, checkpoint: unknown): ImportProgress {
  if (checkpoint === null || checkpoint === undefined) return atStart(file);
  const values = checkpoint as Record<string, unknown>;
  if (!KEYS.every((key) => Number.isSafeInteger(values[key]))) throw new InvalidPayloadError('checkpoint');
  return Object.fromEntries(KEYS.map((key) => [key, values[key]])) as unknown as ImportProgress;
}

export function after(progress: ImportProgress, batch: FileBatch, outcome: WriteOutcome): ImportProgress {
  return {
    ...batch.end,
    rows: progress.rows + batch.records,
    inserted: progress.inserted + outcome.inserted,
    updated: progress.updated + outcome.updated,
    rejected: progress.rejected + batch.rejected.length + outcome.rejected.length,
  };
}

/** By bytes, of a hundred. */
export function percentOf({ offset }: FilePosition, { bytes }: ImportFile): number {
  return bytes === 0 ? 100 : (offset / bytes) * 100;
}

export function resultOf({ rows, inserted, updated, rejected }: ImportProgress): ImportResult {
  return { rows, inserted, updated, rejected };
}

/** Of an import in which nothing lands because something was rejected. */
export function nothingLanded({ rows }: ImportProgress, rejected: number): ImportResult {
  return { rows, inserted: 0, updated: 0, rejected };
}
