import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { FileHeader } from '../header/header-reader.js';
import type { ImportOptions } from '../import-options.js';

const CREATE = statement(
  'imports.create',
  `INSERT INTO imports (organization_id, entity, mode, atomic, dry_run, columns, data_offset, data_line, chunk_bytes)
   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id`,
);
const ADD_CHUNK = statement(
  'imports.add-chunk',
  'INSERT INTO import_chunks (import_id, number, bytes) VALUES ($1, $2, $3)',
);
const FINISH = statement(
  'imports.finish',
  'UPDATE imports SET bytes = $2, job_id = $3 WHERE id = $1 AND job_id IS NULL RETURNING id',
);
const REMOVE = statement('imports.remove', 'DELETE FROM imports WHERE id = $1 AND job_id IS NULL');

/** Files while they are being uploaded, on the primary. Until one is finished it counts for nothing. */
@Injectable()
export class UploadsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async create(
    organizationId: number,
    { entity, mode, atomic, dryRun }: ImportOptions,
    { names, end }: FileHeader,
    chunkBytes: number,
  ): Promise<string> {
    const values = [organizationId, entity, mode, atomic, dryRun, names, end.offset, end.line, chunkBytes];
    const [row] = await this.primary.query<{ id: string }>(CREATE, values);
    if (row === undefined) throw new Error('The new import was not returned');
    return row.id;
  }

  async addChunk(id: string, number: number, bytes: Buffer): Promise<void> {
    await this.primary.query(ADD_CHUNK, [id, number, bytes]);
  }

  /** Makes the file count: its job is there. To be called in the transaction that requests the job. */
  async finish(id: string, bytes: number, jobId: string): Promise<void> {
    const rows = await this.primary.query(FINISH, [id, bytes, jobId]);
    if (rows.length === 0) throw new Error('The upload was removed before it was finished');
  }

  /** Takes away a file that does not count. */
  async remove(id: string): Promise<void> {
    await this.primary.query(REMOVE, [id]);
  }
}
