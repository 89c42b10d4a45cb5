import { PrimaryDatabase, statement } from '@app/database';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import type { ImportEntity, ImportMode } from '../import-options.js';
import { ALLOW_TIME } from '../write/allow-time.js';
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
/** Rows of files whose imports fulfil the condition, up to a number: each statement must end in time whatever the size of a file. */
const purge = (table: string, condition: string): string => `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
  SELECT t.ctid FROM imports i LEFT JOIN jobs j ON j.id = i.job_id JOIN ${table} t ON t.import_id = i.id
  WHERE ${condition} LIMIT $1)) RETURNING import_id`;
/** A job that failed or was cancelled may be started again, for some days. */
const UNREAD = `((j.state IN ('cancelled', 'failed') AND j.finished_at < now() - interval '7 days')
  OR (i.job_id IS NULL AND i.created_at < now() - make_interval(secs => $2)))`;
const PURGE_CHUNKS = statement('imports.purge-chunks', purge('import_chunks', UNREAD));
const PURGE_TRIALS = statement('imports.purge-trials', purge('import_trials', UNREAD));
const PURGE_REJECTS = statement(
  'imports.purge-rejects',
  purge('import_rejects', 'j.finished_at < now() - make_interval(days => $2)'),
);
const PURGE_UNFINISHED = statement(
  'imports.purge-unfinished',
  `DELETE FROM imports WHERE id = ANY (ARRAY(
     SELECT id FROM imports i WHERE job_id IS NULL AND created_at < now() - make_interval(secs => $2)
       AND NOT EXISTS (SELECT FROM import_chunks c WHERE c.import_id = i.id) LIMIT $1)) RETURNING id`,
);

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

  /** Takes away what only the worker needs. In a transaction of the caller's. */
  async forgetBytes(id: string): Promise<void> {
    await this.primary.query(ALLOW_TIME);
    await this.primary.query(FORGET_CHUNKS, [id]);
    await this.primary.query(FORGET_TRIALS, [id]);
  }

  /** The same for files that nobody will read any more; `unfinishedSeconds` is the age at which an upload is one. */
  async purgeBytes(limit: number, unfinishedSeconds: number): Promise<number> {
    const chunks = await this.primary.query(PURGE_CHUNKS, [limit, unfinishedSeconds]);
    if (chunks.length === limit) return limit;
    const trials = await this.primary.query(PURGE_TRIALS, [limit - chunks.length, unfinishedSeconds]);
    return chunks.length + trials.length;
  }

  /** Takes away uploads of that age, once their bytes are gone. */
  async purgeUnfinished(limit: number, unfinishedSeconds: number): Promise<number> {
    return (await this.primary.query(PURGE_UNFINISHED, [limit, unfinishedSeconds])).length;
  }

  /** Takes away lines of reports whose jobs ended so many days ago. */
  async purgeRejects(limit: number, days: number): Promise<number> {
    return (await this.primary.query(PURGE_REJECTS, [limit, days])).length;
  }
}
