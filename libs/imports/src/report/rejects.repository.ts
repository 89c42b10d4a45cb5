import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';
import type { RejectedLine } from '../rows/rejected-line.js';
import { reportLine } from './report-line.js';

const ADD = statement(
  'imports.add-rejects',
  `INSERT INTO import_rejects (import_id, line, text)
   SELECT $1, line, text FROM unnest($2::bigint[], $3::text[]) AS r (line, text)`,
);

/** Keeps lines that did not land, for the report. In the transaction in which the others do. */
@Injectable()
export class RejectsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async add(importId: string, columns: number, rejected: readonly RejectedLine[]): Promise<void> {
    if (rejected.length === 0) return;
    const texts = rejected.map((line) => reportLine(line, columns));
    await this.primary.query(ADD, [importId, rejected.map(({ line }) => line), texts]);
  }
}
