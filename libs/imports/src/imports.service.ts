import { Configuration } from '@app/config';
import { DomainError } from '@app/errors';
import { type Job, JobsService } from '@app/jobs';
import { Inject, Injectable } from '@nestjs/common';
import { ImportsQueries } from './report/imports.queries.js';
import { reportHeader } from './report/report-line.js';
import { ImportFilesRepository } from './run/import-files.repository.js';

const PAGE_LINES = 1_000;
const PAGE_BYTES = 1_048_576;
const MARGIN_SECONDS = 3_600;

/** The imports of one organization, each known by its job's id. */
@Injectable()
export class ImportsService {
  constructor(
    private readonly jobs: JobsService,
    private readonly queries: ImportsQueries,
    private readonly files: ImportFilesRepository,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {}

  /** @throws DomainError `import_not_found`, for another organization's and for a job that is no import too. */
  async get(organizationId: number, id: string): Promise<Job> {
    const job = await this.jobs.get(organizationId, id).catch((error: unknown) => {
      if (error instanceof DomainError && error.code === 'job_not_found') return null;
      throw error;
    });
    return job?.type.startsWith('import-') ? job : notFound();
  }

  /**
   * The lines that did not land, as CSV, in pieces and in the order of the file; of an import that runs those found so far.
   *
   * @throws DomainError `import_not_found`
   */
  async report(organizationId: number, id: string): Promise<AsyncIterable<string>> {
    await this.get(organizationId, id);
    const file = (await this.queries.find(organizationId, id)) ?? notFound();
    return this.reportOf(file);
  }

  /**
   * Deletes up to `limit` rows of what nobody needs any more, and answers how many: pieces of files that won't be read, uploads that
   * were never finished, reports whose jobs are about to be deleted (at once that could be millions).
   */
  async deleteExpired(limit: number): Promise<number> {
    const { imports, worker } = this.configuration;
    const unfinishedSeconds = imports.durationMs / 1_000 + MARGIN_SECONDS;
    let count = await this.files.purgeBytes(limit, unfinishedSeconds);
    if (count < limit) count += await this.files.purgeUnfinished(limit - count, unfinishedSeconds);
    if (count < limit) count += await this.files.purgeRejects(limit - count, worker.jobsKeptDays);
    return count;
  }

  private async *reportOf({ id, columns }: { id: string; columns: string[] }): AsyncGenerator<string> {
    yield reportHeader(columns);
    let last = '0';
    for (;;) {
      const rows = await this.queries.page(id, last, PAGE_LINES, PAGE_BYTES);
      if (rows.length === 0) return;
      yield rows.map(({ line, text }) => `${line},${text}\n`).join('');
      last = rows.at(-1)?.line ?? last;
    }
  }
}

function notFound(): never {
  throw new DomainError('import_not_found', 'Import not found');
}
