import { connect, createServer, type Server, type Socket } from 'node:net';

/** What stands behind an address: the server at a URL, nothing at all, or whatever speaks with the socket. */
export type Behind = { url: string } | 'nothing' | ((socket: Socket) => unknown);

/** Accepts and never answers. */
export const SILENCE = (): void => undefined;

/** An address of ours whose server can be swapped while others use it. */
export interface SwappableAddress {
  /** The URL of the server that it was made for, with this address in place of its own. */
  url: string;
  port: number;
  /** Puts something else there. The connections that are open are reset, or with `hang` never hear anything again. */
  swap(behind: Behind, open?: 'reset' | 'hang'): Promise<void>;
  close(): void;
}

/** `delayMs`: how long everything takes each way, as on a long line. */
export async function openAddress(serverUrl: string, delayMs = 0): Promise<SwappableAddress> {
  const links = new Set<Link>();
  let behind: Behind = { url: serverUrl };
  const accept = (client: Socket): void => {
    const link = new Link(client);
    links.add(link);
    client.once('close', () => links.delete(link));
    if (typeof behind === 'function') behind(client);
    else if (behind === 'nothing') client.resetAndDestroy();
    else link.join(behind.url, delayMs);
  };
  let server: Server | undefined = await listen(accept, 0);
  const { port } = server.address() as { port: number };
  const url = new URL(serverUrl);
  url.port = String(port);
  return {
    url: url.href,
    port,
    async swap(next, open = 'reset') {
      behind = next;
      for (const link of links) open === 'reset' ? link.reset() : link.hang();
      if (next === 'nothing') {
        server?.close();
        server = undefined;
      } else {
        server ??= await listen(accept, port);
      }
    },
    close() {
      server?.close();
      for (const link of links) link.reset();
    },
  };
}

/** One connection through the address. */
class Link {
  private upstream: Socket | undefined;

  constructor(private readonly client: Socket) {
    client.on('error', () => undefined);
    client.once('close', () => this.upstream?.destroy());
  }

  join(url: string, delayMs: number): void {
    const { hostname, port } = new URL(url);
    const upstream = connect({ port: Number(port), host: hostname, noDelay: true });
    this.upstream = upstream;
    upstream.on('error', () => undefined);
    upstream.once('close', () => this.client.destroy());
    forward(this.client, upstream, delayMs);
    forward(upstream, this.client, delayMs);
  }

  reset(): void {
    this.client.resetAndDestroy();
  }

  /** What was under way is swallowed; the socket stays as it is for whoever waits on it. */
  hang(): void {
    if (this.upstream === undefined) return;
    this.upstream.removeAllListeners('close');
    this.upstream.destroy();
    this.client.removeAllListeners('data').resume();
  }
}

function forward(from: Socket, to: Socket, delayMs: number): void {
  from.on('data', (data) => {
    if (delayMs === 0) to.write(data);
    else setTimeout(() => to.writable && to.write(data), delayMs);
  });
}

async function listen(accept: (socket: Socket) => void, port: number): Promise<Server> {
  const server = createServer({ noDelay: true }, accept);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return server;
}
