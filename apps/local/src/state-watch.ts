import type { EmbeddedCluster, ProcessIdentity } from '@app/embedded-postgres';
import type { StackDirectory } from './stack-directory.js';
import { removeState, type StackState, serverPids, writeState } from './stack-state.js';

/** Where the parts of the stack are reached. */
export type StackAddresses = Pick<StackState, 'api_url' | 'worker_url' | 'primary_url' | 'follower_urls'>;

interface Watched {
  addresses: StackAddresses;
  cluster: EmbeddedCluster | null;
  services: () => Record<'api' | 'worker', ProcessIdentity | null>;
}

const INTERVAL_MS = 500;

/** Keeps `state.json` true while servers and services come and go, and says so of the databases, which nobody restarts. */
export class StateWatch {
  private timer: NodeJS.Timeout | undefined;
  private written: StackState['pids'] | null = null;

  constructor(
    private readonly directory: StackDirectory,
    private readonly watched: Watched,
    private readonly say: (line: string) => void,
  ) {}

  /** Writes the state for the first time and keeps it from then on. */
  start(): StackState {
    const state = this.refresh();
    this.timer = setInterval(() => {
      try {
        this.refresh();
      } catch {
        // A disk that is full must not end a stack that runs; the state is written when there is room again.
      }
    }, INTERVAL_MS);
    return state;
  }

  stop(): void {
    clearInterval(this.timer);
    removeState(this.directory);
  }

  private refresh(): StackState {
    const { addresses, cluster, services } = this.watched;
    const { api, worker } = services();
    const servers = cluster === null ? [] : [cluster.primary, ...cluster.followers];
    const state: StackState = {
      ...addresses,
      data_directories: servers.map(({ dataDirectory }) => dataDirectory),
      pids: { api: api?.pid ?? null, worker: worker?.pid ?? null, ...serverPids(cluster) },
    };
    if (JSON.stringify(state.pids) === JSON.stringify(this.written)) return state;
    writeState(this.directory, state);
    if (this.written !== null) for (const line of describeChanges(this.written, state.pids)) this.say(line);
    this.written = state.pids;
    return state;
  }
}

/** One sentence for each database server that stopped, came back or is another process than before. */
export function describeChanges(before: StackState['pids'], now: StackState['pids']): string[] {
  const servers = [
    { name: 'primary', was: before.primary, is: now.primary },
    ...now.followers.map((is, index) => ({ name: `follower ${index + 1}`, was: before.followers[index] ?? null, is })),
  ];
  return servers.flatMap(({ name, was, is }) => {
    if (was === is) return [];
    if (is === null) return [`The ${name} has stopped.`];
    return [was === null ? `The ${name} runs again.` : `The ${name} was started anew.`];
  });
}
