import { readFileSync } from 'node:fs';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** One request that a receiver got. */
export interface ReceivedMessage {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
  at: number;
}

export type AnswerMessage = (response: ServerResponse, message: ReceivedMessage) => void;

const pem = (name: string): Buffer => readFileSync(new URL(`localhost.${name}.pem`, import.meta.url));

/** The authority of the receivers with TLS, for NODE_EXTRA_CA_CERTS: a certificate for `localhost` and `hooks.example`. */
export const CERTIFICATE_PATH = new URL('localhost.cert.pem', import.meta.url).pathname;

/** A real HTTP server on loopback that keeps what it is sent. It answers 204 until it is told otherwise. */
export class Receiver {
  readonly messages: ReceivedMessage[] = [];
  answer: AnswerMessage = (response) => response.writeHead(204).end();

  private constructor(
    private readonly server: ReturnType<typeof createHttpServer>,
    readonly url: string,
  ) {}

  static async open({ tls = false, port = 0 } = {}): Promise<Receiver> {
    const listen: RequestListener = (request, response) => void receiver.receive(request, response);
    const server = tls ? createHttpsServer({ key: pem('key'), cert: pem('cert') }, listen) : createHttpServer(listen);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const address = server.address() as AddressInfo;
    const receiver: Receiver = new Receiver(
      server as ReturnType<typeof createHttpServer>,
      tls ? `https://localhost:${address.port}/hook` : `http://127.0.0.1:${address.port}/hook`,
    );
    return receiver;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The ids of the messages, in the order in which they came. */
  get ids(): string[] {
    return this.messages.map(({ headers }) => String(headers['webhook-id']));
  }

  /** The events of the messages. */
  get events(): { type: string; entity_id: string; after: Record<string, unknown> | null }[] {
    return this.messages.map(({ body }) => JSON.parse(body));
  }

  answerStatus(status: number, headers: Record<string, string> = {}): void {
    this.answer = (response) => response.writeHead(status, headers).end();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      // A sender that was killed in the middle: nothing has been received.
      return;
    }
    const { method = '', url: path = '', headers } = request;
    const message = { method, path, headers, body: Buffer.concat(chunks).toString(), at: Date.now() };
    this.messages.push(message);
    this.answer(response, message);
  }
}
