import { PrimaryDatabase, statement } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import type { ImportEntity, ImportMode } from '../import-options.js';
import type { ImportFile } from './import-file.js';

const FIND = statement(
  'imports.find-file',
  `SELECT entity, mode, atomic, dry_run AS "dryRun", columns, data_offset AS "offset", data_line AS "line",
     chunk_bytes AS "chunkBytes", bytes
   FROM imports WHERE organization_id = $1 AND id = $2 AND bytes IS NOT NULL`,
);
const CHUNK = statement('imports.read-chunk', 'SELECT bytes FROM import_chunks WHERE import_id = $1 AND number = $2');
const FORGET_CHUNKS = statement('imports.forget-chunks', 'DELETE FROM import_chunks WHERE import_id = $1');
const FORGET_TRIALS = statement('imports.forget-trials', 'DELETE FROM import_trials WHERE import_id = $1');
/** A cancelled job is never run again; a failed one may be, for some days. */
const purge = (table: string): string => `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
  SELECT t.ctid FROM ${table} t JOIN imports i ON i.id = t.import_id JOIN jobs j ON j.id = i.job_id
  WHERE j.state = 'cancelled' OR (j.state = 'failed' AND j.finished_at < now() - interval '7 days') LIMIT $1))
  RETURNING import_id`;
const PURGE_CHUNKS = statement('imports.purge-chunks', purge('import_chunks'));
const PURGE_TRIALS = statement('imports.purge-trials', purge('import_trials'));

interface FileRow {
  entity: ImportEntity;
  mode: ImportMode;
  atomic: boolean;
  dryRun: boolean;
  columns: string[];
  offset: string;
  line: string;
  chunkBytes: number;
  bytes: string;
}

/** Uploaded files, as the worker reads them. */
@Injectable()
export class ImportFilesRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  /** Null when there is no such file, or when it is not there as a whole. */
  async find(organizationId: number, id: string): Promise<ImportFile | null> {
    const [row] = await this.primary.query<FileRow>(FIND, [organizationId, id]);
    if (row === undefined) return null;
    const { offset, line, bytes, ...options } = row;
    return {
      ...options,
      id,
      organizationId,
      bytes: Number(bytes),
      start: { offset: Number(offset), line: Number(line) },
    };
  }

  /** One piece of the file. @throws DomainError `import_not_found` when it was purged. */
  async chunk(id: string, number: number): Promise<Buffer> {
    const [row] = await this.primary.query<{ bytes: Buffer }>(CHUNK, [id, number]);
    if (row === undefined)
      throw new DomainError('import_not_found', 'The file of this import is gone: upload it again');
    return row.bytes;
  }

  /** Takes away what only the worker needs. */
  async forgetBytes(id: string): Promise<void> {
    await this.primary.query(FORGET_CHUNKS, [id]);
    await this.primary.query(FORGET_TRIALS, [id]);
  }

  /** The same for files whose jobs won't be run any more: up to `limit` rows, answering how many. */
  async purgeBytes(limit: number): Promise<number> {
    const chunks = await this.primary.query(PURGE_CHUNKS, [limit]);
    const trials = chunks.length < limit ? await this.primary.query(PURGE_TRIALS, [limit - chunks.length]) : [];
    return chunks.length + trials.length;
  }
}
