import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestByHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestByHttps } from 'node:https';
import { outcomeOfError, TargetRefusedError } from './attempt-failure.js';
import { type AttemptOutcome, outcomeOfStatus } from './attempt-outcome.js';
import { checkedLookup, type ResolveName } from './checked-lookup.js';
import { type SignedContent, signatureHeader } from './signature.js';
import { isPublicAddress } from './target-address.js';
import { literalAddress, type TargetRules, targetProblem } from './target-url.js';

/** Resolving, connecting, sending and reading together. */
const LIMIT_MS = 10_000;
const ANSWER_HEADER_BYTES = 16_384;
/** Of the answer's body nothing is used; so much is read out of politeness, for some receivers mind a closed connection. */
const ANSWER_BODY_BYTES = 65_536;

export interface SenderOptions {
  rules: TargetRules;
  limitMs?: number;
  resolve?: ResolveName;
}

/** One message to one endpoint; `secrets` sign it, the newest first. */
export interface WebhookMessage extends Omit<SignedContent, 'timestamp'> {
  url: string;
  secrets: readonly string[];
}

/**
 * Sends messages, one after the other, over connections that last as long as the sender. It connects to checked addresses
 * only, keeping the name for the certificate and the Host header, follows no redirect, and ends in ten seconds whatever the
 * receiver does. It never throws: how an attempt ended is its outcome. Close it after use.
 */
export class WebhookSender {
  private readonly agents: { 'http:': HttpAgent; 'https:': HttpsAgent };
  private readonly rules: TargetRules;
  private readonly limitMs: number;

  constructor({ rules, limitMs = LIMIT_MS, resolve }: SenderOptions) {
    this.rules = rules;
    this.limitMs = limitMs;
    const isAllowed = (address: string): boolean => rules.allowPrivate || isPublicAddress(address);
    const options = { keepAlive: true, maxSockets: 1, lookup: checkedLookup(isAllowed, resolve) };
    this.agents = { 'http:': new HttpAgent(options), 'https:': new HttpsAgent(options) };
  }

  async send(message: WebhookMessage): Promise<AttemptOutcome> {
    const startedAt = performance.now();
    const outcome = await this.attempt(message).catch((error) => outcomeOfError(error, this.limitMs));
    return { ...outcome, durationMs: Math.round(performance.now() - startedAt) };
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private async attempt(message: WebhookMessage): Promise<Omit<AttemptOutcome, 'durationMs'>> {
    const problem = targetProblem(message.url, this.rules);
    if (problem !== undefined) return { result: 'refused', status: null, error: problem };
    const signal = AbortSignal.timeout(this.limitMs);
    return outcomeOfStatus(await this.post(new URL(message.url), message, signal));
  }

  private async post(url: URL, message: WebhookMessage, signal: AbortSignal): Promise<number> {
    const outgoing = this.open(url, message, signal);
    try {
      return await statusOf(outgoing, signal, message.body);
    } catch (error) {
      // The receiver had closed the kept connection just then; a new one has no such excuse.
      const isStale = outgoing.reusedSocket && (error as NodeJS.ErrnoException).code === 'ECONNRESET';
      if (!isStale || signal.aborted) throw error;
      return this.post(url, message, signal);
    }
  }

  private open(url: URL, { id, body, secrets }: WebhookMessage, signal: AbortSignal): ClientRequest {
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'Tandem-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signatureHeader({ id, timestamp, body }, secrets),
    };
    const options = { method: 'POST', headers, signal, maxHeaderSize: ANSWER_HEADER_BYTES };
    if (url.protocol === 'http:') return requestByHttp(url, { ...options, agent: this.agents['http:'] });
    // An address has no name that a certificate could be asked for.
    const servername = literalAddress(url) === undefined ? url.hostname : '';
    return requestByHttps(url, { ...options, agent: this.agents['https:'], servername });
  }
}

/**
 * Sends the body and resolves with the answer's status, when the answer has ended or enough of it was read. Once the status
 * is known, a body that breaks off or never ends changes nothing. It ends with the signal, whatever Node tells or keeps to
 * itself.
 */
function statusOf(outgoing: ClientRequest, signal: AbortSignal, body: string): Promise<number> {
  return new Promise((resolve, reject) => {
    let status: number | undefined;
    outgoing.once('response', (incoming) => {
      status = incoming.statusCode ?? 0;
      drain(incoming, () => resolve(status ?? 0));
    });
    const end = (error: unknown): void => (status === undefined ? reject(error) : resolve(status));
    // A receiver that changes protocols: unheard, Node destroys the connection and tells neither an answer nor an error.
    outgoing.once('upgrade', (incoming, socket) => {
      socket.destroy();
      resolve(incoming.statusCode ?? 0);
    });
    outgoing.on('error', (error) => end(signal.aborted ? signal.reason : causeOf(error)));
    outgoing.once('close', () => end(signal.aborted ? signal.reason : connectionLost()));
    signal.addEventListener('abort', () => end(signal.reason), { once: true });
    outgoing.end(body);
  });
}

function connectionLost(): Error {
  return Object.assign(new Error('The connection was closed before an answer'), { code: 'ECONNRESET' });
}

function drain(incoming: IncomingMessage, done: () => void): void {
  let bytes = 0;
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > ANSWER_BODY_BYTES) incoming.destroy();
  });
  incoming.on('error', done);
  incoming.once('close', done);
}

/** With several addresses Node collects what the lookup said in an AggregateError or passes it on. */
function causeOf(error: Error & { errors?: unknown[] }): unknown {
  return error.errors?.find((each) => each instanceof TargetRefusedError) ?? error;
}
