import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ListRead {
  firstByteMs: number;
  totalMs: number;
  bytes: number;
  rows: number;
}

const ROW_START = Buffer.from('{"id":');
const TICK_MS = 100;

/** Reads a whole list as fast as it comes. Throws where it does not end as a whole JSON array. */
export function readList(url: string, token: string): Promise<ListRead> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const read: ListRead = { firstByteMs: 0, totalMs: 0, bytes: 0, rows: 0 };
    let tail = Buffer.alloc(0);
    const request = get(`${url}/api/customers`, { headers: { authorization: `Bearer ${token}` } }, (answer) => {
      answer.on('data', (chunk: Buffer) => {
        read.firstByteMs ||= performance.now() - startedAt;
        read.bytes += chunk.length;
        const seen = Buffer.concat([tail, chunk]);
        for (let at = seen.indexOf(ROW_START); at !== -1; at = seen.indexOf(ROW_START, at + 1)) read.rows += 1;
        tail = seen.subarray(-(ROW_START.length - 1));
      });
      answer.once('error', reject);
      answer.once('end', () => {
        read.totalMs = performance.now() - startedAt;
        if (answer.statusCode === 200 && tail.toString().endsWith('}]')) resolve(read);
        else reject(new Error(`The list was cut off after ${read.bytes} bytes (status ${answer.statusCode})`));
      });
    });
    request.once('error', reject);
  });
}

/** Takes so many bytes a second for so long and goes away; throws when the server ended the answer meanwhile. */
export async function readSlowly(url: string, token: string, bytesPerSecond: number, seconds: number): Promise<number> {
  let taken = 0;
  let failure: Error | undefined;
  const request = get(`${url}/api/customers`, {
    headers: { authorization: `Bearer ${token}` },
  });
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  answer.on('error', (error) => {
    failure = error;
  });
  const endsAt = performance.now() + seconds * 1_000;
  while (performance.now() < endsAt && failure === undefined && !answer.readableEnded) {
    await sleep(TICK_MS);
    const chunk = answer.read(Math.round((bytesPerSecond * TICK_MS) / 1_000)) as Buffer | null;
    taken += chunk?.length ?? 0;
  }
  answer.on('error', () => undefined);
  request.destroy();
  if (failure) throw new Error(`A slow reader was cut off after ${taken} bytes: ${failure.message}`);
  return taken;
}
