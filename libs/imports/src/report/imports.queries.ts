import { ReadRouter, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

const FIND = statement(
  'imports.find-report',
  'SELECT id, columns FROM imports WHERE organization_id = $1 AND job_id = $2',
);
/** Up to so many lines and bytes, but one at least: a line may have half a MiB. */
const PAGE = statement(
  'imports.page-of-report',
  `SELECT line, text FROM (
     SELECT line, text, sum(octet_length(text)) OVER (ORDER BY line) - octet_length(text) AS before FROM (
       SELECT line, text FROM import_rejects WHERE import_id = $1 AND line > $2 ORDER BY line LIMIT $3) AS next
   ) AS page WHERE before < $4 ORDER BY line`,
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

  /** Rejected lines behind `line`, in their order: as many as the limits allow, and none only at the end. */
  page(importId: string, line: string, limit: number, bytes: number): Promise<ReportRow[]> {
    return this.router.read({ preference: 'primary' }, (session) =>
      session.query<ReportRow>(PAGE, [importId, line, limit, bytes]),
    );
  }
}
