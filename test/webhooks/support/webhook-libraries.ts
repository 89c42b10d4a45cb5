import { PrimaryDatabase } from '@app/database';
import { MetricsModule } from '@app/metrics';
import {
  DeliveriesService,
  DispatchService,
  SendingService,
  type WebhookInput,
  WebhookSendingModule,
  WebhooksService,
} from '@app/webhooks';
import type { INestApplicationContext } from '@nestjs/common';
import { eventually } from '../../support/eventually.js';
import type { TestDatabase } from '../../support/test-database.js';
import { createJobDatabase, openLibraries } from '../../worker/support/job-contexts.js';

const SWITCHES = { WEBHOOK_ALLOW_PRIVATE: 'true', WEBHOOK_RETRY_PERMILLE: '1' };

/** The webhooks lib on a database of its own, in this process, and what tests of it keep doing. */
export class WebhookLibraries {
  private constructor(
    readonly database: TestDatabase,
    private readonly context: INestApplicationContext,
  ) {}

  static async open(): Promise<WebhookLibraries> {
    const database = await createJobDatabase();
    const modules = [WebhookSendingModule, MetricsModule.forRoot({ app: 'worker' }) as never];
    return new WebhookLibraries(database, await openLibraries(database, modules, SWITCHES));
  }

  readonly get: INestApplicationContext['get'] = (token: never) => this.context.get(token);

  get primary(): PrimaryDatabase {
    return this.context.get(PrimaryDatabase);
  }

  get webhooks(): WebhooksService {
    return this.context.get(WebhooksService);
  }

  get deliveries(): DeliveriesService {
    return this.context.get(DeliveriesService);
  }

  get dispatch(): DispatchService {
    return this.context.get(DispatchService);
  }

  async addOrganization(): Promise<number> {
    const [row] = await this.primary.query<{ id: number }>(
      `INSERT INTO organizations (name) VALUES ('A') RETURNING id`,
    );
    return row?.id ?? 0;
  }

  /** @returns its id. */
  async addWebhook(organizationId: number, url: string, input: Partial<WebhookInput> = {}): Promise<string> {
    const defaults = { eventTypes: ['customer.*'], description: '', enabled: true };
    const { json } = await this.webhooks.create(organizationId, { ...defaults, url, ...input });
    return (JSON.parse(json) as { id: string }).id;
  }

  /** In one transaction. */
  async addCustomers(organizationId: number, count: number): Promise<number[]> {
    const rows = await this.primary.query<{ id: number }>(
      `INSERT INTO customers (organization_id, name, email)
       SELECT $1, 'C' || n, gen_random_uuid() || '@example.com' FROM generate_series(1, $2) n RETURNING id`,
      [organizationId, count],
    );
    return rows.map(({ id }) => id);
  }

  rename(customerId: number, name: string): Promise<unknown> {
    return this.primary.query('UPDATE customers SET name = $2 WHERE id = $1', [customerId, name]);
  }

  /**
   * Dispatches until so many deliveries in all are stored for the endpoint: an event may be read when no transaction of
   * this server is open that began before it, those of other tests too.
   */
  async dispatchAll(webhookId: string, count: number): Promise<void> {
    await eventually(async () => {
      await this.dispatch.run();
      const rows = await this.primary.query('SELECT FROM webhook_deliveries WHERE webhook_id = $1', [webhookId]);
      if (rows.length < count) throw new Error(`${rows.length} of ${count} deliveries`);
    });
  }

  /** Does what a job does until nothing is due; answers the ids of what was attempted. */
  async sendDue(organizationId: number, webhookId: string): Promise<string[]> {
    const sending = this.context.get(SendingService);
    const sender = sending.openSender();
    const ids: string[] = [];
    for (;;) {
      const attempt = await sending.attemptNext(organizationId, webhookId, sender);
      if (attempt === null || !(await sending.settle(organizationId, webhookId, attempt))) break;
      ids.push(attempt.delivery.id);
    }
    sender.close();
    return ids;
  }

  async log(organizationId: number, webhookId: string) {
    return (await this.deliveries.list(organizationId, webhookId, { limit: 200 })).deliveries;
  }

  async webhook(organizationId: number, id: string): Promise<Record<string, unknown>> {
    return JSON.parse(await this.webhooks.get(organizationId, id));
  }

  async close(): Promise<void> {
    await this.context.close();
    await this.database.drop();
  }
}
