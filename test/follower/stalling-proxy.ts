import { connect, createServer, type Socket } from 'node:net';

/** The first byte of what a client sends until it is signed in: a length, then `p` for the password. */
const SIGNING_IN = new Set([0x00, 0x70]);

/** Stands between a client and a PostgreSQL server, and can swallow statements as a network that has gone silent does. */
export interface StallingProxy {
  url: string;
  /** From now on statements of connections with this `application_name` are swallowed; of all without a name. */
  stall(applicationName?: string): void;
  resume(): void;
  close(): void;
}

export async function openStallingProxy(serverUrl: string): Promise<StallingProxy> {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let stalled: string | undefined;
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    let name = '';
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.on('data', (data) => {
      name ||= /application_name\0([^\0]*)/.exec(data.toString('latin1'))?.[1] ?? '';
      const isStatement = !SIGNING_IN.has(data[0] ?? 0);
      const isStalled = stalled !== undefined && (stalled === '' || stalled === name);
      if (!(isStatement && isStalled)) upstream.write(data);
    });
    upstream.on('data', (data) => client.write(data));
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(serverUrl);
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    stall: (applicationName = '') => {
      stalled = applicationName;
    },
    resume: () => {
      stalled = undefined;
      // What was swallowed is lost, so the connections that wait for it have to go.
      for (const socket of sockets) socket.destroy();
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
