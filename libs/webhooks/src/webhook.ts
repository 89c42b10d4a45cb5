/** What an organization says about an endpoint. */
export interface WebhookInput {
  url: string;
  /** `*`, `customer.*` or `customer.created`, as many as wanted. */
  eventTypes: string[];
  description: string;
  enabled: boolean;
}

/** A webhook as GET answers it, in JSON, and the secret that is shown only now. */
export interface WebhookWithSecret {
  json: string;
  secret: string;
}

/** Everything that has events of its own in the change log, and so can be asked for. */
export const EVENT_ENTITIES = ['customer', 'account', 'user', 'organization', 'api_key', 'webhook'] as const;

export const WEBHOOK_ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
