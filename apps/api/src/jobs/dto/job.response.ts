import type { DailyAggregate } from '@app/analytics';
import type { ImportResult } from '@app/imports';
import { JOB_STATES, type Job, type JobPage, QUEUE_NAMES } from '@app/jobs';
import { ApiExtraModels, ApiProperty } from '../../http/openapi/openapi.decorators.js';

export class AggregateResultResponse {
  @ApiProperty({ format: 'date', example: '2026-11-21' })
  date: string;

  @ApiProperty({ type: 'integer' })
  total_customers: number;

  @ApiProperty({ type: 'integer' })
  total_accounts: number;

  @ApiProperty({ type: 'integer' })
  active_accounts: number;

  @ApiProperty({ type: 'integer' })
  inactive_accounts: number;

  @ApiProperty({ description: 'Over the customers that have an account; 0 where none has' })
  avg_accounts_per_customer: number;

  @ApiProperty({ type: 'integer' })
  new_customers: number;

  @ApiProperty({ type: 'integer' })
  new_accounts: number;
}

export class RollupsResultResponse {
  @ApiProperty({ type: 'integer', description: 'Totals, of all organizations, that differed from a recount' })
  drift: number;
}

export class ImportResultResponse {
  @ApiProperty({
    type: 'integer',
    description:
      'Lines that are records: the sum of the other three, unless the import was atomic and a line was bad: then nothing landed',
  })
  rows: number;

  @ApiProperty({ type: 'integer' })
  inserted: number;

  @ApiProperty({ type: 'integer', description: 'Met a row that was there, whether or not anything was different' })
  updated: number;

  @ApiProperty({
    type: 'integer',
    description: 'Bad lines; those that an atomic import held back because of one are not counted',
  })
  rejected: number;
}

export class JobFailureResponse {
  @ApiProperty({ example: 'database_error' })
  code: string;

  @ApiProperty()
  message: string;
}

const TIME = { type: String, format: 'date-time', example: '2026-11-22T09:17:21.479120Z' } as const;

@ApiExtraModels(AggregateResultResponse, ImportResultResponse, RollupsResultResponse)
export class JobResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'aggregate' })
  type: string;

  @ApiProperty({ enum: QUEUE_NAMES })
  queue: string;

  @ApiProperty({ enum: JOB_STATES })
  state: string;

  @ApiProperty({ type: 'integer', minimum: 0, maximum: 100 })
  progress: number;

  @ApiProperty({ type: 'integer', description: 'How often the job was started' })
  attempts: number;

  @ApiProperty({ type: 'integer' })
  max_attempts: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description:
      'What a completed job tells, by its type: `aggregate` the totals (AggregateResultResponse), ' +
      '`bulk-update-accounts` how many accounts `matched` and were `updated`, ' +
      '`import-customers` and `import-accounts` the counts of lines (ImportResultResponse), ' +
      '`verify-rollups` and `rebuild-rollups` the `drift` (RollupsResultResponse), `purge` what was `deleted`',
  })
  result: object | null;

  @ApiProperty({ type: JobFailureResponse, nullable: true, description: 'Why the last attempt failed' })
  error: JobFailureResponse | null;

  @ApiProperty(TIME)
  created_at: string;

  @ApiProperty({ ...TIME, nullable: true, description: 'Of the last attempt' })
  started_at: string | null;

  @ApiProperty({ ...TIME, nullable: true })
  finished_at: string | null;
}

export class JobListResponse {
  @ApiProperty({ type: [JobResponse] })
  jobs: JobResponse[];

  @ApiProperty({ type: String, nullable: true, description: 'For the next page; null at the end' })
  next_cursor: string | null;
}

export function toJobResponse(job: Job): JobResponse {
  return {
    id: job.id,
    type: job.type,
    queue: job.queue,
    state: job.state,
    progress: job.progress,
    attempts: job.attempts,
    max_attempts: job.maxAttempts,
    result: toResult(job),
    error: job.error,
    created_at: job.createdAt,
    started_at: job.startedAt,
    finished_at: job.finishedAt,
  };
}

export function toJobListResponse({ jobs, nextCursor }: JobPage): JobListResponse {
  return { jobs: jobs.map(toJobResponse), next_cursor: nextCursor };
}

function toResult({ type, result }: Job): object | null {
  if (type === 'aggregate') return toAggregateResult(result as DailyAggregate | null);
  return type.startsWith('import-') ? toImportResult(result as ImportResult | null) : (result as object | null);
}

function toImportResult(result: ImportResult | null): ImportResultResponse | null {
  if (result === null) return null;
  const { rows, inserted, updated, rejected } = result;
  return { rows, inserted, updated, rejected };
}

/** In the order of the contract, which the database does not keep. */
function toAggregateResult(result: DailyAggregate | null): AggregateResultResponse | null {
  if (result === null) return null;
  return {
    date: result.date,
    total_customers: result.total_customers,
    total_accounts: result.total_accounts,
    active_accounts: result.active_accounts,
    inactive_accounts: result.inactive_accounts,
    avg_accounts_per_customer: result.avg_accounts_per_customer,
    new_customers: result.new_customers,
    new_accounts: result.new_accounts,
  };
}
