import { ReadRouter, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

const FIND = statement(
  'imports.find-report',
  'SELECT id, columns FROM imports WHERE organization_id = $1 AND job_id = $2',
);
const PAGE = statement(
  'imports.page-of-report',
  'SELECT line, text FROM import_rejects WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3',
);

export interface ReportRow {
  line: string;
  text: string;
}

/** Reads of what became of a file's lines. */
@Injectable()
export class ImportsQueries {
  constructor(private readonly router: ReadRouter) {}

  find(organizationId: number, jobId: string): Promise<{ id: string; columns: string[] } | undefined> {
    return this.router.read({ preference: 'primary' }, async (session) => {
      const [row] = await session.query<{ id: string; columns: string[] }>(FIND, [organizationId, jobId]);
      return row;
    });
  }

  /** Rejected lines behind `line`, in their order. */
  page(importId: string, line: string, limit: number): Promise<ReportRow[]> {
    return this.router.read({ preference: 'primary' }, (session) =>
      session.query<ReportRow>(PAGE, [importId, line, limit]),
    );
  }
}
