import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchStack } from '../../stack/bench-stack.js';

export interface MonitorFigures {
  server: string;
  perSecond: number;
  /** By the session's `application_name` and the statement's name. */
  byStatement: Record<string, number>;
}

const SETTLE_MS = 5_000;
/** `log_line_prefix` ends with the application's name; statements are logged as `execute NAME: …` or `statement: …`. */
const LINE = /^\S+ \S+ \S+ \[\d+\] (\S+) LOG: {2}(?:execute ([^:]+)|statement): /gm;

/**
 * What one API process asks of each server while nobody asks anything of it. Its sessions, and they alone, log every statement
 * that they execute (`log_statement` in the options of its URLs), and the lines of the servers' logs are counted.
 */
export async function measureMonitorQueries(stack: BenchStack, seconds: number): Promise<MonitorFigures[]> {
  const api = await stack.startApi({
    DATABASE_URL: logging(stack.primaryUrl),
    ANALYTICS_DB_URL: logging(stack.followerUrl),
  });
  await sleep(SETTLE_MS);
  const logs = stack.servers.map(({ name, dataDirectory }) => ({ name, log: new LogTail(join(dataDirectory, 'log')) }));
  await sleep(seconds * 1_000);
  const figures = logs.map(({ name, log }) => count(name, log.read(), seconds));
  await api.stop();
  return figures;
}

function count(server: string, text: string, seconds: number): MonitorFigures {
  const byStatement: Record<string, number> = {};
  const found = [...text.matchAll(LINE)];
  for (const [, application, name = 'unprepared'] of found) {
    const key = `${application} ${name}`;
    byStatement[key] = (byStatement[key] ?? 0) + 1 / seconds;
  }
  return { server, perSecond: found.length / seconds, byStatement };
}

function logging(url: string): string {
  const logged = new URL(url);
  logged.searchParams.set('options', '-c log_statement=all');
  return logged.href;
}

/** What a server has written to the files of its log since this was made. */
class LogTail {
  private readonly startedAt: Map<string, number>;

  constructor(private readonly directory: string) {
    this.startedAt = new Map(this.files().map((file) => [file, statSync(file).size]));
  }

  read(): string {
    return this.files()
      .map((file) => readFrom(file, this.startedAt.get(file) ?? 0))
      .join('');
  }

  private files(): string[] {
    return readdirSync(this.directory).map((name) => join(this.directory, name));
  }
}

function readFrom(file: string, position: number): string {
  const length = Math.max(0, statSync(file).size - position);
  const bytes = Buffer.alloc(length);
  const handle = openSync(file, 'r');
  readSync(handle, bytes, 0, length, position);
  closeSync(handle);
  return bytes.toString();
}
