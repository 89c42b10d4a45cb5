import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

const CHECK_MS = 10_000;
const CHECKS_BEFORE_END = 3;

/**
 * Ends an answer whose reader has taken nothing for 30 s, so that a client that went to sleep does not hold a snapshot
 * and a connection of the primary for ever. A slow reader is no stalled one: the kernel keeps megabytes for it and asks
 * for more only now and then, so where it can be seen (Linux) what counts is what the kernel still has to send.
 */
export function endWhenStalled(response: ServerResponse, answer: Readable): void {
  let last = '';
  let idleChecks = 0;
  const check = async (): Promise<void> => {
    const { socket } = response;
    // Over. Where the reader left before the first row, the response's `close` was before ours to hear.
    if (!socket || answer.destroyed) return clearInterval(timer);
    const progress = `${socket.bytesWritten} ${await unsentBytes(socket.localPort, socket.remotePort)}`;
    // A reader that waits for us is not the one that stalls.
    idleChecks = progress === last && response.writableNeedDrain ? idleChecks + 1 : 0;
    last = progress;
    if (idleChecks >= CHECKS_BEFORE_END) answer.destroy(new Error('The reader took nothing for 30 s'));
  };
  const timer = setInterval(() => void check(), CHECK_MS);
  timer.unref();
  response.once('close', () => clearInterval(timer));
}

/** Bytes that the kernel has taken from us and not delivered yet, as hexadecimal text; empty where it can't be told. */
async function unsentBytes(localPort = 0, remotePort = 0): Promise<string> {
  const [local, remote] = [localPort, remotePort].map((port) => port.toString(16).toUpperCase().padStart(4, '0'));
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((table) => readFile(table, 'latin1').catch(() => '')),
  );
  const row = new RegExp(`:${local} [0-9A-F]+:${remote} [0-9A-F]{2} ([0-9A-F]{8}):`);
  return tables.map((table) => row.exec(table)?.[1] ?? '').join('');
}
