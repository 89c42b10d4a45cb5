import { ChangeLogService } from '@app/change-log';
import { Configuration } from '@app/config';
import { TransactionRunner } from '@app/database';
import { DomainError, type FieldError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { EndpointProgressRepository } from './dispatch/endpoint-progress.repository.js';
import { isEventPattern } from './dispatch/event-pattern.js';
import { targetProblem } from './sending/target-url.js';
import { makeSecret } from './sending/webhook-secret.js';
import { EVENT_ENTITIES, WEBHOOK_ID, type WebhookInput, type WebhookWithSecret } from './webhook.js';
import { WebhooksRepository } from './webhooks.repository.js';

const MAX_WEBHOOKS = 1_000;
/** How long a replaced secret goes on signing beside the new one. */
const ROTATION_HOURS = 24;

/** The endpoints of one organization; another organization's don't exist here. Answers are JSON texts, without secrets. */
@Injectable()
export class WebhooksService {
  constructor(
    private readonly repository: WebhooksRepository,
    private readonly progress: EndpointProgressRepository,
    private readonly changes: ChangeLogService,
    private readonly transactions: TransactionRunner,
    private readonly configuration: Configuration,
  ) {}

  list(organizationId: number): Promise<string[]> {
    return this.repository.list(organizationId);
  }

  /** @throws DomainError `webhook_not_found`. */
  async get(organizationId: number, id: string): Promise<string> {
    return (isId(id) ? await this.repository.find(organizationId, id) : null) ?? notFound();
  }

  /**
   * Adds an endpoint, which gets what happens from now on. The secret is told here and never again.
   *
   * @throws DomainError `validation_failed`, `webhook_limit_reached`.
   */
  async create(organizationId: number, input: WebhookInput): Promise<WebhookWithSecret> {
    this.check(input);
    const secret = makeSecret();
    const cursor = await this.changes.now(organizationId);
    const json = await this.repository.insert(organizationId, input, secret, cursor, MAX_WEBHOOKS);
    if (json === null) {
      throw new DomainError('webhook_limit_reached', `An organization has at most ${MAX_WEBHOOKS} webhooks`);
    }
    return { json, secret };
  }

  /**
   * Changes what is given. Enabled again, an endpoint goes on where it stopped, at once.
   *
   * @throws DomainError `webhook_not_found`, `validation_failed`.
   */
  update(organizationId: number, id: string, changes: Partial<WebhookInput>): Promise<string> {
    return this.transactions.run(async () => {
      const before = await this.lock(organizationId, id);
      const given = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      const input = { ...before, ...given };
      this.check(input);
      if (input.enabled && (!before.enabled || input.url !== before.url)) await this.progress.startAfresh(id);
      return (await this.repository.update(organizationId, id, input)) ?? notFound();
    });
  }

  /** @throws DomainError `webhook_not_found`. */
  async delete(organizationId: number, id: string): Promise<void> {
    if (!isId(id) || !(await this.repository.delete(organizationId, id))) notFound();
  }

  /**
   * Gives the endpoint a new secret, told here and never again. For a day the one before signs as well.
   *
   * @throws DomainError `webhook_not_found`.
   */
  rotateSecret(organizationId: number, id: string): Promise<WebhookWithSecret> {
    return this.transactions.run(async () => {
      await this.lock(organizationId, id);
      const secret = makeSecret();
      const json = await this.repository.replaceSecret(organizationId, id, secret, ROTATION_HOURS);
      return { json: json ?? notFound(), secret };
    });
  }

  private async lock(organizationId: number, id: string): Promise<WebhookInput> {
    return (isId(id) ? await this.repository.lock(organizationId, id) : null) ?? notFound();
  }

  private check({ url, eventTypes }: WebhookInput): void {
    const fields: FieldError[] = [];
    const problem = targetProblem(url, this.configuration.webhooks);
    if (problem !== undefined) fields.push({ field: 'url', code: 'target', message: problem });
    const unknown = eventTypes.find((type) => !isEventPattern(type, EVENT_ENTITIES));
    if (unknown !== undefined) {
      const message = `event_types may hold *, customer.*, customer.created and the like, of ${EVENT_ENTITIES.join(', ')}`;
      fields.push({ field: 'event_types', code: 'event_type', message });
    }
    if (fields.length > 0) {
      throw new DomainError('validation_failed', fields.map(({ message }) => message).join('; '), { fields });
    }
  }
}

const isId = (text: string): boolean => WEBHOOK_ID.test(text);

function notFound(): never {
  throw new DomainError('webhook_not_found', 'Webhook not found');
}
