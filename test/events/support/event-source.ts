import { type ClientRequest, request } from 'node:http';

export interface ToldEvent {
  cursor: string;
  type: string;
  entity: string;
  entity_id: number;
  actor: { type: string; id: number | null; name: string | null };
  request_id: string | null;
  occurred_at: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** A client of server-sent events as a browser is one, but it shows everything: ids, comments, and how it ended. */
export class EventSource {
  readonly events: ToldEvent[] = [];
  readonly comments: string[] = [];
  lastId: string | undefined;
  status = 0;
  headers: Record<string, unknown> = {};
  body = '';
  private rest = '';
  private readonly outgoing: ClientRequest;
  readonly opened: Promise<void>;
  readonly ended: Promise<void>;

  constructor(url: string, token: string, lastEventId?: string) {
    const headers = {
      authorization: `Bearer ${token}`,
      accept: 'text/event-stream',
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    };
    this.outgoing = request(url, { headers, agent: false });
    this.opened = new Promise((resolve, reject) => {
      this.outgoing.once('response', (incoming) => {
        this.status = incoming.statusCode ?? 0;
        this.headers = incoming.headers;
        incoming.setEncoding('utf8').on('data', (text: string) => this.take(text));
        incoming.on('error', () => undefined);
        resolve();
      });
      this.outgoing.once('error', reject);
    });
    this.opened.catch(() => undefined);
    this.ended = new Promise((resolve) => {
      this.outgoing.once('close', () => resolve());
    });
    this.outgoing.end();
  }

  close(): void {
    this.outgoing.destroy();
  }

  private take(text: string): void {
    this.body += text;
    this.rest += text;
    const blocks = this.rest.split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) this.takeBlock(block);
  }

  private takeBlock(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => [line.split(': ', 1)[0] ?? '', line.slice(line.indexOf(': ') + 2)]),
    );
    const comment = fields.get('');
    if (comment !== undefined) this.comments.push(comment);
    const data = fields.get('data');
    if (data === undefined) return;
    const event = JSON.parse(data) as ToldEvent;
    if (fields.get('id') !== event.cursor || fields.get('event') !== event.type)
      throw new Error(`Not one event: ${block}`);
    this.lastId = event.cursor;
    this.events.push(event);
  }
}
