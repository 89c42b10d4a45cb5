import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

const TIME = { type: String, format: 'date-time', example: '2026-11-22T09:17:21.479120Z' } as const;

export class WebhookResponse {
  @ApiProperty({ format: 'uuid' })
  id: string;

  @ApiProperty({ example: 'https://example.com/hooks' })
  url: string;

  @ApiProperty({ type: [String], example: ['customer.*'] })
  event_types: string[];

  @ApiProperty({ example: 'Billing' })
  description: string;

  @ApiProperty()
  enabled: boolean;

  @ApiProperty({ type: String, nullable: true, description: 'Why Tandem disabled it; null where somebody else did' })
  disabled_reason: string | null;

  @ApiProperty(TIME)
  created_at: string;

  @ApiProperty({ ...TIME, description: 'Changes with the secret' })
  secret_created_at: string;
}

export class WebhookWithSecretResponse extends WebhookResponse {
  @ApiProperty({
    example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=',
    description: 'Told only in this answer',
  })
  secret: string;
}

export class WebhookListResponse {
  @ApiProperty({ type: [WebhookResponse] })
  webhooks: WebhookResponse[];
}

export const toWebhookListText = (webhooks: string[]): string => `{"webhooks":[${webhooks.join(',')}]}`;

/** The secret comes last, behind what GET answers. */
export const toWebhookWithSecretText = ({ json, secret }: { json: string; secret: string }): string =>
  `${json.slice(0, -1)},"secret":${JSON.stringify(secret)}}`;
