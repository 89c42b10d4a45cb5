import type { lookup } from 'node:dns';
import { createServer, type Server, type Socket } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Receiver } from '../../../../test/webhooks/support/receiver.js';
import type { ResolveName } from './checked-lookup.js';
import { makeSecret } from './webhook-secret.js';
import { type SenderOptions, WebhookSender } from './webhook-sender.js';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n';
const secret = makeSecret();
const message = (url: string) => ({ id: '0c5fbd8e', body: '{"type":"customer.created"}', url, secrets: [secret] });

describe('sending to a receiver', () => {
  let receiver: Receiver;
  let senders: WebhookSender[];
  let sockets: Server[];
  beforeEach(async () => {
    receiver = await Receiver.open();
    senders = [];
    sockets = [];
  });
  afterEach(async () => {
    for (const sender of senders) sender.close();
    for (const server of sockets) server.close();
    await receiver.close();
  });

  const open = (options: Partial<SenderOptions> = {}): WebhookSender => {
    const sender = new WebhookSender({ rules: { allowPrivate: true }, ...options });
    senders.push(sender);
    return sender;
  };
  const strict = (resolve?: ResolveName) => open({ rules: { allowPrivate: false }, resolve });
  const send = (url = receiver.url, options: Partial<SenderOptions> = {}) => open(options).send(message(url));

  /** A server that speaks as told, not as HTTP wants it. */
  async function rawServer(talk: (socket: Socket) => void): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      talk(socket);
    });
    sockets.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}/`;
  }

  test('posts the body as JSON with headers that verify', async () => {
    const outcome = await send(`${receiver.url}?tenant=1`);

    expect(outcome).toMatchObject({ result: 'delivered', status: 204, error: null });
    const [received] = receiver.messages;
    expect(received).toMatchObject({ method: 'POST', path: '/hook?tenant=1', body: '{"type":"customer.created"}' });
    expect(received?.headers).toMatchObject({
      host: `127.0.0.1:${receiver.port}`,
      'content-type': 'application/json',
      'webhook-id': '0c5fbd8e',
    });
    const verified = new Webhook(secret).verify(received?.body ?? '', received?.headers as Record<string, string>);
    expect(verified).toEqual({ type: 'customer.created' });
  });

  test.each([
    [200, 'delivered', null],
    [299, 'delivered', null],
    [400, 'failed', 'The receiver answered 400'],
    [410, 'gone', 'The receiver answered 410 Gone'],
    [429, 'failed', 'The receiver answered 429'],
    [503, 'failed', 'The receiver answered 503'],
  ])('%i is %s', async (status, result, error) => {
    receiver.answerStatus(status);

    expect(await send()).toMatchObject({ result, status, error });
  });

  test.each([301, 302, 303, 307, 308])('%i is not followed', async (status) => {
    const other = await Receiver.open();
    receiver.answerStatus(status, { location: other.url });

    const outcome = await send();

    expect(outcome).toMatchObject({ result: 'failed', status, error: expect.stringContaining('not followed') });
    expect(other.messages).toEqual([]);
    await other.close();
  });

  test('one connection serves message after message, and a new one replaces what the receiver has closed', async () => {
    const ports = new Set<number | undefined>();
    receiver.answer = (response) => {
      ports.add(response.socket?.remotePort);
      response.writeHead(200).end('ok');
    };
    const sender = open();

    for (let n = 0; n < 3; n += 1) await sender.send(message(receiver.url));
    expect(ports.size).toBe(1);
    receiver.answer = (response) => response.writeHead(200).end('ok', () => response.socket?.destroy());
    for (let n = 0; n < 3; n += 1) {
      expect(await sender.send(message(receiver.url))).toMatchObject({ result: 'delivered' });
    }
  });

  test('a receiver that never answers is given up after the limit', async () => {
    receiver.answer = () => undefined;

    const outcome = await send(receiver.url, { limitMs: 300 });

    expect(outcome).toMatchObject({ result: 'failed', status: null, error: 'No answer within 0.3 seconds' });
    expect(outcome.durationMs).toBeLessThan(2_000);
  });

  test('a receiver that accepts and says nothing, or drips its headers, is given up too', async () => {
    const silent = await rawServer(() => undefined);
    const dripping = await rawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const timer = setInterval(() => socket.write('x: y\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });

    for (const url of [silent, dripping]) {
      expect(await send(url, { limitMs: 300 })).toMatchObject({ result: 'failed', status: null });
    }
  });

  test.each([
    ['at once', (socket: Socket) => socket.end(SWITCHING)],
    ['and stays', (socket: Socket) => socket.write(SWITCHING)],
  ])('a receiver that changes protocols %s is a failure, and holds nobody', async (_how, talk) => {
    const url = await rawServer((socket) => socket.once('data', () => talk(socket)));

    const outcome = await send(url, { limitMs: 2_000 });

    expect(outcome).toMatchObject({ result: 'failed', status: 101 });
    expect(outcome.durationMs).toBeLessThan(1_500);
  });

  test('a receiver that closes the connection at once, with and without a reset, is a failure', async () => {
    const closing = await rawServer((socket) => socket.end());
    const resetting = await rawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));

    for (const url of [closing, resetting]) {
      expect(await send(url, { limitMs: 2_000 })).toMatchObject({ result: 'failed', status: null });
    }
  });

  test('an answer without end counts by its status and is not read on', async () => {
    let written = 0;
    receiver.answer = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => {
        written += 16_384;
        response.write(Buffer.alloc(16_384));
      }, 1);
      response.on('close', () => clearInterval(timer));
    };

    expect(await send()).toMatchObject({ result: 'delivered', status: 200 });
    expect(written).toBeLessThan(50_000_000);
  });

  test('an answer whose body breaks off, or never comes, counts by its status', async () => {
    receiver.answer = (response) =>
      response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy());
    expect(await send()).toMatchObject({ result: 'delivered', status: 200 });
    receiver.answer = (response) => response.writeHead(500).write('x');
    expect(await send(receiver.url, { limitMs: 300 })).toMatchObject({ result: 'failed', status: 500 });
  });

  test('headers beyond all measure are a failure', async () => {
    receiver.answer = (response) => response.writeHead(200, { 'x-large': 'x'.repeat(20_000) }).end();

    expect(await send()).toMatchObject({ result: 'failed', error: 'The headers of the answer are too large' });
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n', 'The answer was not HTTP'],
    ['nothing at all', '', 'The connection was closed before an answer'],
  ])('%s is a failure', async (_what, text, error) => {
    const url = await rawServer((socket) => socket.once('data', () => socket.end(text)));

    expect(await send(url)).toMatchObject({ result: 'failed', status: null, error });
  });

  test('a port on which nobody listens is a failure', async () => {
    await receiver.close();

    expect(await send()).toMatchObject({ result: 'failed', status: null, error: 'The connection was refused' });
  });

  test('a certificate that no authority has signed is a failure', async () => {
    const tls = await Receiver.open({ tls: true });

    const outcome = await send(tls.url);

    expect(outcome).toMatchObject({ result: 'failed', error: expect.stringMatching(/^The certificate is not valid/) });
    expect(tls.messages).toEqual([]);
    await tls.close();
  });

  test('http and addresses that are not public are refused without the switch, before anything is connected', async () => {
    const { port } = receiver;
    for (const url of [receiver.url, `https://127.0.0.1:${port}/`, `https://[::ffff:127.0.0.1]:${port}/`]) {
      expect(await strict().send(message(url))).toMatchObject({ result: 'refused', status: null });
    }
    expect(receiver.messages).toEqual([]);
  });

  test('a name that resolves to an address that is not public is refused', async () => {
    const outcome = await strict().send(message(`https://localhost:${receiver.port}/`));

    const error = 'The host resolves to an address that is not public';
    expect(outcome).toMatchObject({ result: 'refused', status: null, error });
  });

  test('one bad address among good ones is enough', async () => {
    const outcome = await strict(resolver(['93.184.216.34', '10.0.0.1'])).send(message('https://mixed.example/'));

    expect(outcome).toMatchObject({ result: 'refused' });
  });

  test('a name is resolved once for a connection, so that it can say nothing else the second time', async () => {
    let asked = 0;
    const resolve = resolver(['127.0.0.1'], () => (asked += 1));

    const outcome = await open({ resolve }).send(message(`http://rebinding.example:${receiver.port}/`));

    expect(outcome.result).toBe('delivered');
    expect(asked).toBe(1);
    expect(receiver.messages[0]?.headers.host).toBe(`rebinding.example:${receiver.port}`);
  });

  test('a name that nobody knows, and a resolver that never answers, are failures', async () => {
    const unknown = ((_name, _options, callback: (error: Error) => void) =>
      callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }))) as ResolveName;
    const silent = (() => undefined) as unknown as ResolveName;

    expect(await strict(unknown).send(message('https://unknown.example/'))).toMatchObject({
      result: 'failed',
      error: 'The host name is not known',
    });
    expect(await send('https://silent.example/', { resolve: silent, limitMs: 300 })).toMatchObject({
      result: 'failed',
    });
  });
});

function resolver(addresses: string[], onAsked: () => void = () => undefined): ResolveName {
  return ((_name, _options, callback: (error: null, found: object[]) => void) => {
    onAsked();
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  }) as typeof lookup as ResolveName;
}
