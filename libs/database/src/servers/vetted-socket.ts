import { Socket } from 'node:net';

/** The messages that a PostgreSQL server may send until a connection is ready, and how long each can be at least. */
const SMALLEST_LENGTH = new Map([
  ['R', 8],
  ['K', 12],
  ['S', 6],
  ['v', 12],
  ['E', 8],
  ['N', 8],
  ['Z', 5],
]);
/** Ways to sign in that `pg` knows: none, password, MD5, and the three steps of SCRAM. Any other ends the process. */
const SIGN_INS = new Set([0, 3, 5, 10, 11, 12]);
const SIGNED_IN = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0]);
const LONGEST_MESSAGE = 30_000;
const LENGTH_AT = 1;
const BODY_AT = 5;

/** What answers at the address is no PostgreSQL server; nothing of it was parsed. */
export class NotPostgresError extends Error {
  constructor() {
    super('What answers there is not PostgreSQL');
    this.name = 'NotPostgresError';
  }
}

/**
 * A socket that hands on what a server says only after having checked its form, until the server has said that it is
 * ready for a query. An address can come to belong to another server at any time, and `pg` takes badly what is not the
 * protocol: some malformed messages make its parser loop for ever, others end the process.
 *
 * @param isTls the server first answers one byte, and what follows is the handshake's to check.
 */
export function vettedSocket(isTls: boolean): Socket {
  const socket = new Socket();
  const emit = socket.emit;
  let held = Buffer.alloc(0);
  let isSignedIn = false;
  const vetting = (event: string | symbol, ...args: unknown[]): boolean => {
    if (event !== 'data') return Reflect.apply(emit, socket, [event, ...args]);
    held = Buffer.concat([held, args[0] as Buffer]);
    const vetted = isTls ? vetTlsAnswer(held) : vetGreeting(held);
    isSignedIn ||= isTls || held.subarray(0, vetted?.length).includes(SIGNED_IN);
    // Who is ready without having signed anybody in is no server of ours either.
    if (vetted === undefined || (vetted.isTrusted && !isSignedIn)) {
      socket.destroy(new NotPostgresError());
      return true;
    }
    const good = held.subarray(0, vetted.length);
    held = held.subarray(vetted.length);
    // From here on nothing stands between the socket and the parser.
    if (vetted.isTrusted) Reflect.deleteProperty(socket, 'emit');
    return good.length > 0 ? Reflect.apply(emit, socket, ['data', vetted.isTrusted ? joined(good, held) : good]) : true;
  };
  socket.emit = vetting as Socket['emit'];
  return socket;
}

interface Vetted {
  /** Bytes from the beginning that are whole and well-formed messages. */
  length: number;
  /** Whether the server has signed the client in and is ready. */
  isTrusted: boolean;
}

function joined(good: Buffer, rest: Buffer): Buffer {
  return rest.length === 0 ? good : Buffer.concat([good, rest]);
}

function vetTlsAnswer(bytes: Buffer): Vetted | undefined {
  const answer = String.fromCharCode(bytes[0] ?? 0);
  return bytes.length === 1 && (answer === 'S' || answer === 'N') ? { length: 1, isTrusted: true } : undefined;
}

/** Undefined where the bytes are not what a PostgreSQL server says to a new client. */
export function vetGreeting(bytes: Buffer): Vetted | undefined {
  let offset = 0;
  while (offset < bytes.length) {
    const type = String.fromCharCode(bytes[offset] ?? 0);
    const smallest = SMALLEST_LENGTH.get(type);
    if (smallest === undefined) return undefined;
    if (bytes.length < offset + BODY_AT) break;
    const length = bytes.readUInt32BE(offset + LENGTH_AT);
    if (length < smallest || length > LONGEST_MESSAGE) return undefined;
    const end = offset + LENGTH_AT + length;
    if (bytes.length < end) break;
    if (!isBodySound(type, bytes.subarray(offset + BODY_AT, end))) return undefined;
    offset = end;
    if (type === 'Z') return { length: offset, isTrusted: true };
  }
  return { length: offset, isTrusted: false };
}

function isBodySound(type: string, body: Buffer): boolean {
  if (type === 'R') return SIGN_INS.has(body.readUInt32BE(0));
  if (type === 'E' || type === 'N') return isFieldList(body);
  if (type === 'S') return body.at(-1) === 0 && body.filter((byte) => byte === 0).length === 2;
  return true;
}

/** Fields of an error message: each a letter and a text that ends with a zero byte; one more zero ends the list. */
function isFieldList(body: Buffer): boolean {
  let offset = 0;
  while (offset < body.length && body[offset] !== 0) {
    const end = body.indexOf(0, offset + 1);
    if (end < 0) return false;
    offset = end + 1;
  }
  return offset === body.length - 1;
}
