import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { PatientClient } from './patient-client.js';

/** Receives an organization's webhooks and remembers under which ids each event came. */
export class WebhookReceiver {
  /** By the event's cursor. */
  readonly idsOf = new Map<string, Set<string>>();
  requests = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        this.requests += 1;
        const { cursor } = JSON.parse(Buffer.concat(chunks).toString()) as { cursor: string };
        const ids = this.idsOf.get(cursor) ?? new Set();
        this.idsOf.set(cursor, ids.add(String(request.headers['webhook-id'])));
        response.writeHead(204).end();
      });
    });
  }

  /** Listens, and asks for everything that happens to customers. */
  static async open(client: PatientClient): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.server.address() as AddressInfo;
    const json = { url: `http://127.0.0.1:${port}/hook`, event_types: ['customer.*'] };
    const answer = await client.insist('POST', '/api/webhooks', { json });
    if (answer.status !== 201) throw new Error(`POST /api/webhooks: ${answer.status} ${answer.text}`);
    return receiver;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
