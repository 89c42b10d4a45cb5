import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import fc from 'fast-check';
import pg from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { NotPostgresError, vetGreeting, vettedSocket } from './vetted-socket.js';

function message(type: string, ...parts: (string | Buffer)[]): Buffer {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

const int32 = (...values: number[]): Buffer =>
  Buffer.concat(
    values.map((value) => {
      const bytes = Buffer.alloc(4);
      bytes.writeInt32BE(value);
      return bytes;
    }),
  );

const SIGNED_IN = message('R', int32(0));
const READY = message('Z', 'I');
const TEXT_AFTER_READY = Buffer.from('whatever comes then is for the parser');
/** What PostgreSQL 18 says to a client whose password it has taken. */
const GREETING = Buffer.concat([
  SIGNED_IN,
  message('S', 'client_encoding\0', 'UTF8\0'),
  message('S', 'application_name\0', '\0'),
  message('N', 'SNOTICE\0', 'C00000\0', 'Mhello\0', '\0'),
  message('K', int32(4711, 815)),
  READY,
]);
/** Sent once, it makes the parser of pg loop for ever: its list of fields has no end. */
const ENDLESS_ERROR = Buffer.from('45000000050053', 'hex');
const FATAL = message('E', 'SFATAL\0', 'C53300\0', 'Msorry, too many clients already\0', '\0');

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

/** A server that says these chunks, each in a packet of its own, and then nothing. */
async function serverOf(chunks: readonly Buffer[]): Promise<Server> {
  return listening(async (socket) => {
    socket.setNoDelay(true);
    for (const chunk of chunks) {
      if (!socket.writable) return;
      socket.write(chunk);
      await new Promise(setImmediate);
    }
  });
}

async function listening(onConnection: (socket: Socket) => unknown): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    void onConnection(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  return server;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;

/** What a vetted socket hands on of all that it is told, and how it ended; at most until `length` bytes have come. */
async function heardFrom(chunks: readonly Buffer[], { isTls = false, length = Number.POSITIVE_INFINITY } = {}) {
  const server = await serverOf(chunks);
  const socket = vettedSocket(isTls);
  opened.push({ close: () => socket.destroy() });
  let heard = Buffer.alloc(0);
  return new Promise<{ heard: Buffer; error: unknown }>((resolve) => {
    const end = (error?: unknown): void => {
      clearTimeout(timer);
      resolve({ heard, error });
    };
    // Long after a local server has said all; a socket that rightly waits for more is left alone.
    const timer = setTimeout(end, 300);
    socket.on('error', end);
    socket.on('data', (data: Buffer) => {
      heard = Buffer.concat([heard, data]);
      if (heard.length >= length) end();
    });
    socket.connect(portOf(server), '127.0.0.1');
  });
}

describe('a greeting of PostgreSQL', () => {
  const whole = Buffer.concat([GREETING, TEXT_AFTER_READY]);

  test.each([
    ['in one piece', [whole]],
    ['byte by byte', [...whole].map((byte) => Buffer.from([byte]))],
    ['cut in the middle of a message', [whole.subarray(0, 21), whole.subarray(21)]],
  ])('is handed on as it came, %s', async (_case, chunks) => {
    expect(await heardFrom(chunks, { length: whole.length })).toEqual({ heard: whole, error: undefined });
  });

  test('is the same however it is cut', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: GREETING.length - 1 }));
    fc.assert(
      fc.property(cuts, (places) => {
        let offset = 0;
        for (const end of [...places.sort((a, b) => a - b), GREETING.length]) {
          const vetted = vetGreeting(GREETING.subarray(offset, end));
          expect(vetted).toBeDefined();
          expect(vetted?.isTrusted).toBe(offset + (vetted?.length ?? 0) === GREETING.length);
          offset += vetted?.length ?? 0;
        }
        expect(offset).toBe(GREETING.length);
      }),
    );
  });

  test('may be a refusal, which is told as it is', async () => {
    expect(await heardFrom([FATAL], { length: FATAL.length })).toEqual({ heard: FATAL, error: undefined });
  });

  test.each([
    ['a password in clear text', message('R', int32(3))],
    ['an MD5 sum', message('R', int32(5), 'salt')],
    ['SCRAM', message('R', int32(10), 'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0')],
    ["SCRAM's second step", message('R', int32(11), 'r=x,s=y,i=4096')],
    ["SCRAM's last step", message('R', int32(12), 'v=x')],
  ])('may ask for %s', async (_case, bytes) => {
    expect(vetGreeting(bytes)).toEqual({ length: bytes.length, isTrusted: false });
  });
});

const HTTP = Buffer.from('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n');
const MALFORMED: [string, Buffer][] = [
  ['HTTP', HTTP],
  ['an SSH banner', Buffer.from('SSH-2.0-OpenSSH_9.6\r\n')],
  ['TLS where none was asked for', Buffer.from('1503010002022f', 'hex')],
  ['an error without an end to its fields', ENDLESS_ERROR],
  ['an error without any field or end', Buffer.concat([Buffer.from('E'), int32(5), Buffer.from('S')])],
  ['a notice whose last field has no end', message('N', 'Shello')],
  ['an error with something behind its end', message('E', 'Shello\0', '\0', 'x')],
  ['a message of four thousand million bytes', Buffer.concat([Buffer.from('R'), int32(-1), Buffer.alloc(99)])],
  ['a message that is longer than any greeting', Buffer.concat([Buffer.from('S'), int32(30_001)])],
  ['a message that is shorter than its own length', Buffer.concat([Buffer.from('Z'), int32(4), Buffer.alloc(9)])],
  ['a length of zero, which never ends', Buffer.concat([Buffer.from('N'), int32(0), Buffer.alloc(9)])],
  ['a setting without a value', message('S', 'client_encoding\0')],
  ['a setting with three texts', message('S', 'a\0', 'b\0', 'c\0')],
  ['a way to sign in that nobody knows', message('R', int32(99))],
  ['a negative way to sign in', message('R', int32(-1))],
  ['Kerberos, which pg does not know', message('R', int32(7))],
  ['rows that nobody asked for', message('D', Buffer.from([0, 1]), int32(1), 'x')],
];

describe('what is no PostgreSQL', () => {
  test.each(MALFORMED)('is not handed on: %s', async (_case, bytes) => {
    const { heard, error } = await heardFrom([bytes]);
    expect(heard).toHaveLength(0);
    expect(error).toBeInstanceOf(NotPostgresError);
  });

  test.each(MALFORMED)('is not handed on after a good beginning: %s', async (_case, bytes) => {
    const { heard, error } = await heardFrom([Buffer.concat([SIGNED_IN, bytes])]);
    expect([Buffer.alloc(0), SIGNED_IN]).toContainEqual(heard);
    expect(error).toBeInstanceOf(NotPostgresError);
  });

  test.each(MALFORMED)('ends neither the process nor its event loop in a pg client: %s', async (_case, bytes) => {
    const server = await serverOf([SIGNED_IN, bytes]);
    const client = new pg.Client({
      host: '127.0.0.1',
      port: portOf(server),
      user: 'x',
      password: 'x',
      connectionTimeoutMillis: 1_000,
      stream: () => vettedSocket(false),
    });
    client.on('error', () => undefined);
    await expect(client.connect()).rejects.toBeInstanceOf(NotPostgresError);
  });

  test('is refused at its first wrong byte, without waiting for more', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const isKnown = 'RKSvENZ'.includes(String.fromCharCode(byte));
      expect(vetGreeting(Buffer.from([byte]))).toEqual(isKnown ? { length: 0, isTrusted: false } : undefined);
    }
  });

  test('is never handed on by one bit, whatever it is', () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((array) => Buffer.from(array));
    // Bytes that begin like a message get further than any others.
    const nearly = fc
      .tuple(fc.constantFrom('R', 'K', 'S', 'v', 'E', 'N', 'Z'), fc.integer({ min: -1, max: 60 }), bytes)
      .map(([type, length, rest]) => Buffer.concat([Buffer.from(type), int32(length), rest]));
    fc.assert(
      fc.property(fc.array(fc.oneof(bytes, nearly, fc.constant(SIGNED_IN)), { minLength: 1 }), (parts) => {
        const all = Buffer.concat(parts);
        const vetted = vetGreeting(all);
        if (vetted === undefined) return;
        expect(vetted.length).toBeLessThanOrEqual(all.length);
        // What is good on its own is all that is handed on: vetted again, it is all good.
        expect(vetGreeting(all.subarray(0, vetted.length))).toEqual(vetted);
      }),
    );
  });

  test('never ends the process nor hangs it, whatever it is', async () => {
    let said = Buffer.alloc(0);
    const server = await listening((socket) => void socket.end(said));
    const port = portOf(server);
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 64 }).map((array) => Buffer.from(array));
    const wellFormed = fc
      .tuple(fc.constantFrom('R', 'R', 'K', 'S', 'v', 'E', 'N'), bytes)
      .map(([type, body]) => message(type, body));
    const signIns = fc
      .tuple(fc.integer({ min: -2, max: 15 }), bytes)
      .map(([kind, rest]) => message('R', int32(kind), rest));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(wellFormed, signIns, bytes), { minLength: 1, maxLength: 4 }),
        async (parts) => {
          said = Buffer.concat(parts);
          const client = new pg.Client({
            host: '127.0.0.1',
            port,
            user: 'x',
            password: 'x',
            connectionTimeoutMillis: 2_000,
            stream: () => vettedSocket(false),
          });
          client.on('error', () => undefined);
          await expect(client.connect()).rejects.toBeInstanceOf(Error);
        },
      ),
      { numRuns: 300 },
    );
  }, 20_000);
});

describe('an answer to the wish for TLS', () => {
  test.each(['S', 'N'])('is handed on: %s', async (answer) => {
    const heard = Buffer.from(answer);
    expect(await heardFrom([heard], { isTls: true, length: 1 })).toEqual({ heard, error: undefined });
  });

  test.each([
    ['another byte', Buffer.from('X')],
    ['HTTP', HTTP],
    ['an error message', FATAL],
    ['more than was asked, which would pass for a part of the encrypted talk', Buffer.from('Sx')],
  ])('is refused: %s', async (_case, bytes) => {
    const { heard, error } = await heardFrom([bytes], { isTls: true });
    expect(heard).toHaveLength(0);
    expect(error).toBeInstanceOf(NotPostgresError);
  });
});
