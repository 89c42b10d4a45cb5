import { type Statement, statement } from '@app/database';
import { JOB_COLUMNS, type JobState } from './job.js';
import type { JobListPosition } from './job-list-cursor.js';

/** What a list of jobs is restricted to. */
export interface JobFilters {
  state?: JobState | undefined;
  type?: string | undefined;
}

const lists = new Map<string, Statement>();

/**
 * The statement that reads a page of jobs, newest first, and its values. The state is part of the text, because only
 * then the planner sees that the index of failed jobs serves; texts are few and prepared.
 */
export function jobList(
  organizationId: number,
  limit: number,
  { state, type }: JobFilters,
  after?: JobListPosition,
): { query: Statement; values: unknown[] } {
  const values: unknown[] = [organizationId, limit];
  const conditions = ['organization_id = $1'];
  const bind = (value: unknown): string => `$${values.push(value)}`;
  if (state !== undefined) conditions.push(`state = '${state}'`);
  if (type !== undefined) conditions.push(`type = ${bind(type)}`);
  if (after !== undefined) {
    const [time, id] = [`${bind(after.createdAt)}::timestamptz`, bind(after.id)];
    conditions.push(`jobs.created_at <= ${time} AND (jobs.created_at < ${time} OR id > ${id})`);
  }
  return { query: prepared(conditions.join(' AND ')), values };
}

function prepared(where: string): Statement {
  const known = lists.get(where);
  if (known !== undefined) return known;
  const text = `SELECT ${JOB_COLUMNS} FROM jobs WHERE ${where} ORDER BY jobs.created_at DESC, id LIMIT $2`;
  const added = statement(`jobs.list-${lists.size + 1}`, text);
  lists.set(where, added);
  return added;
}
