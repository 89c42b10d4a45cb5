import { parse } from 'csv-parse/sync';
import type { JobAnswer, JobClient } from './job-client.js';
import type { JobStack } from './job-stack.js';

export interface ImportAnswer {
  status: number;
  headers: Headers;
  body: JobAnswer & { code?: string; error?: string; errors?: { field: string; code: string }[] };
}

/** Sends files as a user of the API, and reads what became of them. */
export class ImportClient {
  constructor(
    private readonly stack: JobStack,
    readonly user: JobClient,
  ) {}

  static async register(stack: JobStack, username: string): Promise<ImportClient> {
    return new ImportClient(stack, await stack.register(username));
  }

  /** @param query such as `entity=customers&mode=upsert`. */
  async send(query: string, body: RequestInit['body'], headers: Record<string, string> = {}): Promise<ImportAnswer> {
    const type: Record<string, string> = body instanceof FormData ? {} : { 'content-type': 'text/csv' };
    const response = await fetch(`${this.stack.apiUrl}/api/imports?${query}`, {
      method: 'POST',
      headers: { authorization: this.user.authorization, ...type, ...headers },
      body,
      duplex: 'half',
      signal: AbortSignal.timeout(30_000),
    } as RequestInit);
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as ImportAnswer['body'],
    };
  }

  /** The accepted import once it is completed; throws when it is not accepted. */
  async import(query: string, body: RequestInit['body'], limitMs = 30_000): Promise<JobAnswer> {
    const accepted = await this.send(query, body);
    if (accepted.status !== 202)
      throw new Error(`POST /api/imports: ${accepted.status} ${JSON.stringify(accepted.body)}`);
    return this.user.untilJob(accepted.body.id, 'completed', limitMs);
  }

  async report(id: string): Promise<Response> {
    return fetch(`${this.stack.apiUrl}/api/imports/${id}/rejected`, {
      headers: { authorization: this.user.authorization },
    });
  }

  /** The rows of the report: line, field, code, message, the original columns. */
  async rejected(id: string): Promise<string[][]> {
    return parse(await (await this.report(id)).text());
  }

  /** What is in the table, in the order of the keys. */
  async rows<Row extends object>(table: 'customers' | 'accounts', columns: string): Promise<Row[]> {
    const organizationId = await this.stack.organizationOf(this.user);
    const text = `SELECT ${columns} FROM ${table} WHERE organization_id = $1 ORDER BY id`;
    return (await this.stack.sql.query(text, [organizationId])).rows as Row[];
  }
}
