import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a server says from a moment on: on its output until the log collector runs, in its log afterwards. */
export class ServerWords {
  /** Where the output goes. */
  readonly output: string;
  private readonly logBefore: { path: string; size: number } | null;

  constructor(private readonly dataDirectory: string) {
    this.output = join(dataDirectory, 'start.log');
    this.logBefore = this.currentLog();
  }

  /** The line that says why it has ended. */
  lastComplaint(): string {
    return lastComplaint(`${readFileSync(this.output, 'utf8')}\n${this.logSince()}`);
  }

  private logSince(): string {
    const log = this.currentLog();
    if (log === null) return '';
    const from = log.path === this.logBefore?.path ? this.logBefore.size : 0;
    return readFileSync(log.path).subarray(from).toString('utf8');
  }

  private currentLog(): { path: string; size: number } | null {
    try {
      const name = readFileSync(join(this.dataDirectory, 'current_logfiles'), 'utf8').split(/\s+/)[1] ?? '';
      const path = join(this.dataDirectory, name);
      return { path, size: statSync(path).size };
    } catch {
      return null;
    }
  }
}

/** The line of a server's or initdb's output that says why it gave up, without time and process id. */
export function lastComplaint(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const complaints = lines.filter((line) => /\b(FATAL|PANIC|ERROR|error):/.test(line));
  // The complaint that no socket could be made does not say which, the line before it does.
  const binding = complaints.length > 0 ? lines.find((line) => /could not bind/i.test(line)) : undefined;
  const line = binding ?? complaints.at(-1) ?? lines.at(-1) ?? 'it ended without a word';
  return line.replace(/^.*?\b(FATAL|PANIC|ERROR|error|LOG):\s*/, '');
}
