import { runLoad } from './load/run-load.js';
import type { ServerProcess } from './stack/server-process.js';

/** A server that is measured, and who calls it. */
export interface Target {
  name: string;
  url: string;
  /** Of the organization whose customers are read. */
  readerToken: string;
  /** Of an organization that takes what is written, so that the lists that are read stay as they are. */
  writerToken: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** Unknown of a server that was there before. */
  server?: ServerProcess;
}

export interface Credentials {
  username: string;
  password: string;
}

const RUN = Date.now().toString(36);

/** Registers a user, which makes an organization, and signs in. */
export async function registerAndSignIn(url: string, name: string): Promise<string> {
  const credentials = { username: `bench-${name}-${RUN}`, password: `only for the bench ${RUN}` };
  await post(`${url}/api/auth/register`, credentials);
  return signIn(url, credentials);
}

export async function signIn(url: string, credentials: Credentials): Promise<string> {
  const { token } = (await post(`${url}/api/auth/login`, credentials)) as { token: string };
  return token;
}

/** Makes the customers that are read, each with one account, by the calls that any server of the contract has. */
export async function fill({ url, readerToken: token }: Target, customers: number): Promise<void> {
  const write = { url, token, method: 'POST', connections: 8, warmUpSeconds: 0, seconds: 600 } as const;
  await runWhole({
    ...write,
    paths: ['/api/customers'],
    bodies: [JSON.stringify({ name: 'Customer {n} of the "bench"', email: `customer.{n}.${RUN}@example.com` })],
    requests: customers,
  });
  const statuses = ['active', 'active', 'inactive', 'pending'];
  const bodies = (await customerIds(url, token)).map((id, index) =>
    JSON.stringify({ customer_id: id, name: `Account of ${id}`, status: statuses[index % statuses.length] }),
  );
  await runWhole({ ...write, paths: ['/api/accounts'], bodies, requests: bodies.length });
}

export async function customerIds(url: string, token: string): Promise<number[]> {
  const answer = await fetch(`${url}/api/customers`, { headers: { authorization: `Bearer ${token}` } });
  return ((await answer.json()) as { id: number }[]).map(({ id }) => id);
}

async function runWhole(plan: Parameters<typeof runLoad>[0]): Promise<void> {
  const { failures } = await runLoad(plan);
  if (Object.keys(failures).length > 0) throw new Error(`${plan.url} refused the data: ${JSON.stringify(failures)}`);
}

async function post(url: string, body: object): Promise<unknown> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
}
