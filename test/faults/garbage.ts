import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';

const SSL_REQUEST_LENGTH = 8;
const answering = (answer: (data: Buffer) => string | Buffer) => (socket: Socket) =>
  socket.on('data', (data) => {
    if (socket.writable) socket.write(answer(data));
  });
/** Agrees to plain text, as PostgreSQL without TLS does, and only then answers what is no PostgreSQL. */
const afterAgreeing = (answer: () => string | Buffer) =>
  answering((data) => (data.length === SSL_REQUEST_LENGTH ? 'N' : answer()));

/** What may answer on an address where a follower was meant, other than nothing. */
export const GARBAGE: [string, (socket: Socket) => unknown][] = [
  ['that hangs up at once', (socket) => socket.end()],
  ['that answers an HTTP error', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
  ['that answers garbage', answering(() => randomBytes(4_096))],
  ['that agrees to plain text and then answers garbage', afterAgreeing(() => randomBytes(64))],
  // The parser of pg loops for ever on this one.
  ['that agrees and then sends an error no parser likes', afterAgreeing(() => Buffer.from('45000000050053', 'hex'))],
];
