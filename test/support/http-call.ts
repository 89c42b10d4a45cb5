import { Agent, type IncomingHttpHeaders, type OutgoingHttpHeaders, request } from 'node:http';

const LIMIT_MS = 20_000;
const agent = new Agent({ keepAlive: true, maxSockets: 256 });

export interface CallOptions {
  /** Sent as `Authorization: Bearer <token>`. */
  token?: string;
  headers?: OutgoingHttpHeaders;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is, with the type `application/json` unless `headers` says otherwise. */
  body?: string | Buffer;
  limitMs?: number;
}

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  /** The body's bytes as they came. */
  text: string;
  /** How long it took until the last byte. */
  ms: number;
  json<T = Record<string, unknown>>(): T;
}

/** Makes one HTTP call. Unlike `fetch` it sends any header, body and path as given and shows the body's bytes. */
export function httpCall(baseUrl: string, method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(baseUrl);
  const body = options.json === undefined ? options.body : JSON.stringify(options.json);
  const isChunked = options.headers?.['transfer-encoding'] !== undefined;
  const length = body === undefined || isChunked ? {} : { 'content-length': Buffer.byteLength(body) };
  const headers: OutgoingHttpHeaders = {
    ...(body === undefined ? {} : { 'content-type': 'application/json', ...length }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
    ...options.headers,
  };
  const startedAt = performance.now();
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(options.limitMs ?? LIMIT_MS);
    const outgoing = request({ agent, hostname, port, method, path, headers, signal }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.once('error', reject);
      incoming.once('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text,
          ms: performance.now() - startedAt,
          json: <T>() => JSON.parse(text) as T,
        });
      });
    });
    outgoing.once('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`, { cause: error })));
    outgoing.end(body);
  });
}
