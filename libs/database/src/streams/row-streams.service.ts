import { Readable } from 'node:stream';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import type { PoolClient } from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { asPrimaryFailure } from '../servers/database-errors.js';
import { DatabasePools } from '../servers/database-pools.service.js';
import { PrimaryMonitor } from '../servers/primary-monitor.service.js';

/** `text`: one line a row, COPY's backslash escapes still in it. `csv`: RFC 4180 with a header line. */
export type CopyFormat = 'text' | 'csv';

const MAX_WAITING = 16;

/**
 * Whole result sets from the primary in constant memory: COPY sends the rows as bytes that nobody parses, only as fast
 * as the reader takes them. From the primary, because a stream that has begun can't be asked again of another server.
 */
@Injectable()
export class RowStreams {
  constructor(
    private readonly pools: DatabasePools,
    private readonly monitor: PrimaryMonitor,
  ) {}

  /**
   * @param query one SELECT with its values as literals (COPY takes no parameters): see `literal`.
   * @returns bytes that end with the last row; an error of the database destroys the stream, and destroying the stream
   * ends the statement and its connection.
   * @throws DomainError `stream_slots_exhausted` when too many streams are open, `primary_unavailable`.
   */
  async open(query: string, format: CopyFormat): Promise<Readable> {
    this.monitor.assertReachable();
    const client = await this.connect();
    const options = format === 'csv' ? ' WITH (FORMAT csv, HEADER true)' : '';
    const source = client.query(copyTo(`COPY (${query}) TO STDOUT${options}`));
    return releasing(source, client);
  }

  private async connect(): Promise<PoolClient> {
    const { streams } = this.pools;
    if (streams.usage.waiting >= MAX_WAITING) throw exhausted();
    try {
      return await streams.pool.connect();
    } catch (error) {
      const isFull = error instanceof Error && /timeout exceeded when trying to connect/.test(error.message);
      throw isFull && this.monitor.state === 'up' ? exhausted(error) : asPrimaryFailure(error);
    }
  }
}

/** Waits for the first bytes (so that a failing statement is an error and not a broken answer), then hands on. */
function releasing(source: Readable, client: PoolClient): Promise<Readable> {
  let isReleased = false;
  const release = (failure?: Error | boolean): void => {
    if (isReleased) return;
    isReleased = true;
    client.release(failure);
  };
  return new Promise((resolve, reject) => {
    source.once('readable', () => resolve(source));
    source.once('end', () => {
      resolve(Readable.from([]));
      release();
    });
    source.once('error', (error) => {
      release(error);
      reject(asPrimaryFailure(error));
    });
    // Closed before its end: the reader went away. The connection still has rows under way, so it goes as well.
    source.once('close', () => release(true));
  });
}

function exhausted(cause?: unknown): DomainError {
  return new DomainError('stream_slots_exhausted', 'Too many whole lists are being read, try again in a moment', {
    cause,
    retryAfterSeconds: 5,
  });
}
