import { setTimeout as sleep } from 'node:timers/promises';

/** A job as GET /api/jobs/:id answers it. */
export interface JobAnswer {
  id: string;
  type: string;
  queue: string;
  state: string;
  progress: number;
  attempts: number;
  max_attempts: number;
  result: Record<string, unknown> | null;
  error: { code: string; message: string } | null;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
}

const PASSWORD = 'correct horse battery staple';

/** One signed-in user of the API. */
export class JobClient {
  private constructor(
    readonly username: string,
    private readonly apiUrl: string,
    private token: string,
  ) {}

  /** Registers a user, who is the admin of an organization of its own, and signs in. */
  static async register(apiUrl: string, username: string): Promise<JobClient> {
    const client = new JobClient(username, apiUrl, '');
    const { status } = await client.call('POST', '/api/auth/register', { username, password: PASSWORD });
    if (status !== 201) throw new Error(`Registration answered ${status}`);
    await client.signIn();
    return client;
  }

  /** The token tells the role: after a change of it in the database one has to sign in again. */
  async signIn(): Promise<void> {
    const answer = await this.call('POST', '/api/auth/login', { username: this.username, password: PASSWORD });
    this.token = String(answer.body.token);
  }

  /** For calls of other forms. */
  get authorization(): string {
    return `Bearer ${this.token}`;
  }

  async call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ) {
    const response = await fetch(`${this.apiUrl}${path}`, {
      method,
      headers: {
        ...headers,
        ...(this.token ? { authorization: `Bearer ${this.token}` } : {}),
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Body };
  }

  /** Asks for the job and expects it to be accepted. */
  async requestAggregate(date?: string): Promise<JobAnswer> {
    const { status, body } = await this.call<JobAnswer>('POST', '/api/jobs', { type: 'aggregate', date });
    if (status !== 202) throw new Error(`POST /api/jobs answered ${status} ${JSON.stringify(body)}`);
    return body;
  }

  async job(id: string): Promise<JobAnswer> {
    return (await this.call<JobAnswer>('GET', `/api/jobs/${id}`)).body;
  }

  /** Resolves with the job once it is in the state. */
  async untilJob(id: string, state: string, limitMs = 15_000): Promise<JobAnswer> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const job = await this.job(id);
      if (job.state === state) return job;
      if (performance.now() > deadline) throw new Error(`The job is not ${state}: ${JSON.stringify(job)}`);
      await sleep(50);
    }
  }
}
