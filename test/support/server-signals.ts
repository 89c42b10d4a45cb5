import { execFileSync } from 'node:child_process';
import { type EmbeddedServer, identifyProcess, signalProcess } from '@app/embedded-postgres';
import pg from 'pg';

/**
 * Sends a signal to the postmaster of one server and to every process of it, as a machine that dies or hangs would stop
 * them all. Looks first whether what answers on the server's port really lies in its directory: whatever the machine else
 * runs is never hit.
 */
export async function signalServer(server: EmbeddedServer, signal: 'SIGKILL' | 'SIGSTOP'): Promise<void> {
  const directory = await dataDirectoryBehind(server.url);
  if (directory !== server.dataDirectory) throw new Error(`${server.url} is not the server in ${server.dataDirectory}`);
  signalProcesses(server, signal);
}

/** Lets a stopped server go on. It can't be asked who it is, so its process id file is believed. */
export function resumeServer(server: EmbeddedServer): void {
  signalProcesses(server, 'SIGCONT');
}

function signalProcesses(server: EmbeddedServer, signal: NodeJS.Signals): void {
  const { pid } = server;
  if (pid === null) throw new Error(`${server.name} does not run`);
  // The postmaster first: killed last, it would still end its children in good order.
  for (const each of [pid, ...childrenOf(pid)]) {
    const identity = identifyProcess(each);
    if (identity) signalProcess(identity, signal);
  }
}

function childrenOf(parent: number): number[] {
  const table = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, ppid]) => (ppid === parent && pid !== undefined ? [pid] : []));
}

async function dataDirectoryBehind(connectionString: string): Promise<string> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query('SHOW data_directory')).rows[0].data_directory;
  } finally {
    await client.end();
  }
}
