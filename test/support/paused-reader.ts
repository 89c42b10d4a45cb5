import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';

/** A client that asks for something and takes the first bytes of it only. */
export interface PausedReader {
  status: number;
  /** Takes the rest; rejects when the connection ends before the answer does. `text` is what came until then. */
  readToEnd(): Promise<string>;
  /** All that has been taken so far. */
  text(): string;
  /** Goes away without a word. */
  leave(): void;
}

/** Resolves once the first bytes are there and reading has stopped. */
export async function openPausedReader(url: string, token: string): Promise<PausedReader> {
  const outgoing: ClientRequest = request(url, { agent: false, headers: { authorization: `Bearer ${token}` } });
  outgoing.on('error', () => undefined);
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  await once(incoming, 'readable');
  chunks.push((incoming.read(1_000) ?? incoming.read() ?? Buffer.alloc(0)) as Buffer);
  const text = () => Buffer.concat(chunks).toString();
  return {
    status: incoming.statusCode ?? 0,
    text,
    leave: () => outgoing.destroy(),
    readToEnd: () =>
      new Promise((resolve, reject) => {
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.once('end', () => resolve(text()));
        incoming.once('error', reject);
        incoming.once('aborted', () => reject(new Error('aborted')));
      }),
  };
}
