import type { ListFilters } from '@app/database';
import { InvalidPayloadError } from './invalid-payload.error.js';
import { JOB_ID } from './ledger/job-list-cursor.js';
import type { QueueName } from './queues/queue-names.js';

/** What a job of each type is told: ids and plain values, never entities or secrets, for it lies in a queue. */
export interface JobPayloads {
  aggregate: {
    organization_id: number;
    /** The day, `YYYY-MM-DD`, in UTC. */
    date: string;
  };
  'bulk-update-accounts': {
    organization_id: number;
    status: string;
    /** Which accounts: those with these ids, or, where there are none, those that fit the filter. */
    account_ids?: number[];
    filter?: ListFilters;
  };
  purge: { organization_id: number };
  'verify-rollups': { organization_id: number };
  'rebuild-rollups': { organization_id: number };
  'import-customers': ImportPayload;
  'import-accounts': ImportPayload;
  'deliver-webhook': {
    organization_id: number;
    webhook_id: string;
  };
}

interface ImportPayload {
  organization_id: number;
  /** Of the table `imports`, which says what to do with the file. */
  import_id: string;
}

export type JobType = keyof JobPayloads;

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

interface JobDefinition<Payload> {
  queue: QueueName;
  /** Attempts that may fail before the job is `failed`; an attempt whose worker died does not count. */
  maxAttempts: number;
  /**
   * Checks what a job was told when it is about to run: it may have been written by another version of this program.
   *
   * @throws InvalidPayloadError when this version can't make sense of it.
   */
  parsePayload(value: unknown): Payload;
}

/** Every job there is. A type added here needs a processor in the worker before that compiles again. */
export const JOB_TYPES: { readonly [Type in JobType]: JobDefinition<JobPayloads[Type]> } = {
  aggregate: {
    queue: 'default',
    maxAttempts: 3,
    parsePayload: (value) => {
      const { organization_id, date } = fields(value);
      if (!Number.isInteger(organization_id)) throw new InvalidPayloadError('organization_id');
      if (typeof date !== 'string' || !/^\d{4}-\d{2}-\d{2}$/.test(date)) throw new InvalidPayloadError('date');
      return { organization_id: organization_id as number, date };
    },
  },
  'bulk-update-accounts': {
    queue: 'default',
    maxAttempts: 3,
    parsePayload: (value) => {
      const { organization_id, status, account_ids, filter } = fields(value);
      if (!Number.isInteger(organization_id)) throw new InvalidPayloadError('organization_id');
      if (typeof status !== 'string') throw new InvalidPayloadError('status');
      const update = { organization_id: organization_id as number, status };
      if (account_ids !== undefined) {
        if (!isListOfIds(account_ids)) throw new InvalidPayloadError('account_ids');
        return { ...update, account_ids };
      }
      if (filter === undefined) throw new InvalidPayloadError('filter');
      return { ...update, filter: fields(filter) as ListFilters };
    },
  },
  purge: { queue: 'low', maxAttempts: 3, parsePayload: parseOwner },
  'verify-rollups': { queue: 'low', maxAttempts: 3, parsePayload: parseOwner },
  'rebuild-rollups': { queue: 'low', maxAttempts: 3, parsePayload: parseOwner },
  'import-customers': { queue: 'default', maxAttempts: 3, parsePayload: parseImport },
  'import-accounts': { queue: 'default', maxAttempts: 3, parsePayload: parseImport },
  'deliver-webhook': {
    queue: 'critical',
    maxAttempts: 3,
    parsePayload: (value) => {
      const { organization_id, webhook_id } = fields(value);
      if (!Number.isInteger(organization_id)) throw new InvalidPayloadError('organization_id');
      if (typeof webhook_id !== 'string' || !UUID.test(webhook_id)) throw new InvalidPayloadError('webhook_id');
      return { organization_id: organization_id as number, webhook_id };
    },
  },
};

function parseImport(value: unknown): ImportPayload {
  const { organization_id, import_id } = fields(value);
  if (!Number.isInteger(organization_id)) throw new InvalidPayloadError('organization_id');
  if (typeof import_id !== 'string' || !JOB_ID.test(import_id)) throw new InvalidPayloadError('import_id');
  return { organization_id: organization_id as number, import_id };
}

export function isJobType(name: string): name is JobType {
  return Object.hasOwn(JOB_TYPES, name);
}

/** Of jobs that are told nothing else. */
function parseOwner(value: unknown): { organization_id: number } {
  const { organization_id } = fields(value);
  if (!Number.isInteger(organization_id)) throw new InvalidPayloadError('organization_id');
  return { organization_id: organization_id as number };
}

function fields(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new InvalidPayloadError('payload');
  return value as Record<string, unknown>;
}

function isListOfIds(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((id) => Number.isSafeInteger(id));
}
