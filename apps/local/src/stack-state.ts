import type { EmbeddedCluster } from '@app/embedded-postgres';
import type { StackDirectory } from './stack-directory.js';

/** What `state.json` tells scripts about the running stack. Keys and order are part of the contract. */
export interface StackState {
  api_url: string;
  /** Where the worker's probes and metrics answer. */
  worker_url: string;
  primary_url: string;
  follower_urls: string[];
  data_directories: string[];
  /** Of servers that were stopped: null. */
  pids: { api: number | null; worker: number | null; primary: number | null; followers: (number | null)[] };
}

const NAME = 'state.json';

export function writeState(directory: StackDirectory, state: StackState): void {
  directory.write(NAME, `${JSON.stringify(state, null, 2)}\n`);
}

export function readState(directory: StackDirectory): StackState | null {
  const text = directory.read(NAME);
  return text === null ? null : (JSON.parse(text) as StackState);
}

export function removeState(directory: StackDirectory): void {
  directory.remove(NAME);
}

/** The process ids of the servers as they are at this moment. */
export function serverPids(cluster: EmbeddedCluster | null): Pick<StackState['pids'], 'primary' | 'followers'> {
  return { primary: cluster?.primary.pid ?? null, followers: cluster?.followers.map(({ pid }) => pid) ?? [] };
}
