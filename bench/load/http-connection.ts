import { connect, type Socket } from 'node:net';
import type { Answer, Connection } from './connection.js';

const HEAD_END = '\r\n\r\n';
const CHUNKS_END = Buffer.from('\r\n0\r\n\r\n');

/**
 * One keep-alive connection with one request under way. It reads of an answer only what it takes to find its end, so that
 * the load generator leaves the machine to the servers: node:http would need as much of it as they do.
 */
export class HttpConnection implements Connection {
  private readonly socket: Socket;
  private head = '';
  private status = 0;
  private bytes = 0;
  private hasRetryAfter = false;
  /** Undefined while the head is still coming, -1 for a body in chunks. */
  private length: number | undefined;
  private tail: Buffer = Buffer.alloc(0);

  constructor(
    url: URL,
    onConnect: () => void,
    private readonly onAnswer: (answer: Answer) => void,
    onBroken: (cause: string) => void,
  ) {
    this.socket = connect({ host: url.hostname, port: Number(url.port || 80), noDelay: true });
    this.socket.once('connect', onConnect);
    this.socket.on('data', (chunk) => this.take(chunk));
    this.socket.once('error', (error: NodeJS.ErrnoException) => onBroken(error.code ?? error.message));
    this.socket.once('end', () => onBroken('connection closed'));
  }

  send(request: string): void {
    this.head = '';
    this.length = undefined;
    this.bytes = 0;
    this.tail = Buffer.alloc(0);
    this.socket.write(request, 'utf8');
  }

  close(): void {
    this.socket.removeAllListeners();
    this.socket.on('error', () => undefined);
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.length === undefined) {
      this.head += chunk.toString('latin1');
      const end = this.head.indexOf(HEAD_END);
      if (end === -1) return;
      this.readHead(this.head.slice(0, end).toLowerCase());
      const bodyAt = end + HEAD_END.length;
      this.takeBody(chunk.subarray(Math.max(0, chunk.length - (this.head.length - bodyAt))));
    } else {
      this.takeBody(chunk);
    }
  }

  private readHead(head: string): void {
    this.status = Number(head.slice(9, 12));
    this.hasRetryAfter = this.status === 503 && head.includes('\r\nretry-after: ');
    this.length = head.includes('transfer-encoding: chunked')
      ? -1
      : Number(/content-length: (\d+)/.exec(head)?.[1] ?? 0);
  }

  private takeBody(part: Buffer): void {
    if (this.length === -1) {
      // JSON holds no bare line ends, so these bytes at the end of what came are the last chunk and nothing else.
      this.tail = Buffer.concat([this.tail, part.subarray(-CHUNKS_END.length)]).subarray(-CHUNKS_END.length);
      if (!this.tail.equals(CHUNKS_END)) return;
    } else {
      this.length = (this.length ?? 0) - part.length;
      if (this.length > 0) return;
    }
    this.onAnswer({ status: this.status, bytes: this.bytes, hasRetryAfter: this.hasRetryAfter });
  }
}
