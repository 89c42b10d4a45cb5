import { findFreePort } from '@app/embedded-postgres';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Person, registerAdmin } from '../builders/people.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { startProcess, type TestProcess } from '../support/processes.js';
import { checkIn } from './support/rollup-stage.js';

const ORGANIZATIONS = 4;
const STEPS = 60;
const STATUSES = ['active', 'inactive', 'suspended', 'pending'] as const;

let stage: ApiStage;
let worker: TestProcess;
beforeAll(async () => {
  stage = await openApiStage();
  const environment = { DATABASE_URL: stage.database.primaryUrl, HEALTH_PORT: String(await findFreePort()) };
  worker = startProcess('dist/apps/worker/src/main.js', { environment });
});
afterAll(async () => {
  await worker?.stop(20_000);
  await stage?.close();
});

/** What one organization's client has done, by its own account. */
class Book {
  readonly customers = new Map<number, Map<number, string>>();
  readonly routes = new Set<string>();
  private token: string | undefined;
  private deleted = { customers: 0, accounts: 0 };
  private created = { customers: 0, accounts: 0 };

  constructor(private readonly owner: Person) {}

  async step(random: () => number): Promise<void> {
    const customer = pick([...this.customers.keys()], random);
    const accounts = [...(this.customers.get(customer ?? 0) ?? [])].map(([id]) => id);
    const account = pick(accounts, random);
    const status = pick(STATUSES, random) ?? 'active';
    const dice = random();
    if (customer === undefined || dice < 0.2) return this.addCustomer(random);
    if (account === undefined || dice < 0.5) return this.addAccount(customer, status);
    if (dice < 0.6)
      return void (await this.write('PUT', `/api/customers/${customer}`, {
        name: 'R',
        email: `${random()}@r.example`,
      }));
    if (dice < 0.8) {
      await this.write('PUT', `/api/accounts/${account}`, { name: 'S', status });
      this.customers.get(customer)?.set(account, status);
    } else if (dice < 0.87) {
      await this.write('DELETE', `/api/accounts/${account}`);
      this.customers.get(customer)?.delete(account);
      this.deleted.accounts += 1;
    } else if (dice < 0.93) {
      await this.write('DELETE', `/api/customers/${customer}`);
      this.customers.delete(customer);
      this.deleted.customers += 1;
      this.deleted.accounts += accounts.length;
    } else await this.move(account, customer, pick([...this.customers.keys()], random) ?? customer);
  }

  /** Every answer, from one server after the other, is what the book says. */
  async compare(): Promise<void> {
    for (const preference of ['follower-preferred; wait=2000', 'primary']) {
      const overview = await this.read('/api/analytics', preference);
      const all = [...this.customers.values()].flatMap((accounts) => [...accounts.values()]);
      const owners = [...this.customers.values()].filter((accounts) => accounts.size > 0).length;
      const count = (status: string) => all.filter((each) => each === status).length;
      expect(overview).toMatchObject({
        total_customers: this.customers.size,
        total_accounts: all.length,
        active_accounts: count('active'),
        inactive_accounts: count('inactive'),
        accounts_by_status: Object.fromEntries(STATUSES.map((status) => [status, count(status)])),
      });
      expect(overview.avg_accounts_per_customer).toBeCloseTo(owners === 0 ? 0 : all.length / owners, 10);
      const [id, accounts] = [...this.customers].at(-1) ?? [0, new Map<number, string>()];
      const active = [...accounts.values()].filter((status) => status === 'active').length;
      const totals = {
        total_accounts: accounts.size,
        active_accounts: active,
        inactive_accounts: accounts.size - active,
      };
      expect(await this.read(`/api/analytics/customers/${id}`, preference)).toEqual({
        customer_id: String(id),
        ...totals,
      });
      const series = async (metric: string) =>
        (await this.read(`/api/analytics/timeseries?metric=${metric}&time_zone=Asia/Kathmandu`, preference)).points as {
          value: number;
        }[];
      expect((await series('accounts_active')).at(-1)?.value).toBe(count('active'));
      expect((await series('customers_total')).at(-1)?.value).toBe(this.customers.size);
      for (const [metric, expected] of Object.entries({
        accounts_created: this.created.accounts,
        accounts_deleted: this.deleted.accounts,
        customers_created: this.created.customers,
        customers_deleted: this.deleted.customers,
      })) {
        const sum = (await series(metric)).reduce((total, { value }) => total + value, 0);
        expect({ metric, sum }).toEqual({ metric, sum: expected });
      }
    }
  }

  private async addCustomer(random: () => number): Promise<void> {
    const { id } = await this.write('POST', '/api/customers', { name: 'C', email: `${random()}@c.example` });
    this.customers.set(Number(id), new Map());
    this.created.customers += 1;
  }

  private async addAccount(customer: number, status: string): Promise<void> {
    const { id } = await this.write('POST', '/api/accounts', { customer_id: customer, name: 'A', status });
    this.customers.get(customer)?.set(Number(id), status);
    this.created.accounts += 1;
  }

  /** By SQL, which gives no token: the next read of the primary does. */
  private async move(account: number, from: number, to: number): Promise<void> {
    await stage.sql('UPDATE accounts SET customer_id = $2 WHERE id = $1', [account, to]);
    const status = this.customers.get(from)?.get(account) ?? '';
    this.customers.get(from)?.delete(account);
    this.customers.get(to)?.set(account, status);
    await this.read('/api/analytics', 'primary');
  }

  private async write(method: string, path: string, json?: object): Promise<Record<string, unknown>> {
    const answer = await stage.call(method, path, { token: this.owner.token, json, headers: this.headers() });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    this.token = String(answer.headers['x-consistency-token']);
    return answer.json();
  }

  private async read(path: string, preference: string): Promise<Record<string, unknown>> {
    const headers = { ...this.headers(), 'x-read-preference': preference };
    const answer = await stage.call('GET', path, { token: this.owner.token, headers });
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    this.token = String(answer.headers['x-consistency-token']);
    this.routes.add(String(answer.headers['x-db-route']));
    return answer.json();
  }

  private headers(): Record<string, string> {
    return this.token === undefined ? {} : { 'x-consistency-token': this.token };
  }
}

function pick<T>(things: readonly T[], random: () => number): T | undefined {
  return things[Math.floor(random() * things.length)];
}

it('answers what each of several organizations has in its own books, from both servers, while deltas are folded', async () => {
  const owners = await Promise.all(Array.from({ length: ORGANIZATIONS }, () => registerAdmin(stage)));
  const books = owners.map((owner) => new Book(owner));
  for (let step = 0; step < STEPS; step++) {
    await Promise.all(books.map((book) => book.step(Math.random)));
    if (step % 3 === 0) await Promise.all(books.map((book) => book.compare()));
  }
  await Promise.all(books.map((book) => book.compare()));
  for (const book of books) expect([...book.routes].sort()).toEqual(['follower', 'primary']);
  expect(await checkIn(stage.database.primaryUrl)).toMatchObject({ drift: 0 });
  const [state] = await stage.sql<{ folds: number }>('SELECT folds::int AS folds FROM rollup_state');
  expect(state?.folds).toBeGreaterThan(0);
});
