import { type WebhookInput, WebhooksService } from '@app/webhooks';
import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { MessageResponse } from '../http/dto/message.response.js';
import { JsonText } from '../http/json-text.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { TOKEN_HEADERS } from '../http/openapi/api-route-headers.js';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { CreateWebhookDto, UpdateWebhookDto } from './dto/webhook.dto.js';
import {
  toWebhookListText,
  toWebhookWithSecretText,
  WebhookListResponse,
  WebhookResponse,
  WebhookWithSecretResponse,
} from './dto/webhook.response.js';

const ID = { name: 'id', schema: { type: 'string' as const, format: 'uuid' } };
const LOCATION = { Location: { description: 'Where the webhook is', schema: { type: 'string' as const } } };

@ApiTags('webhooks')
@ApiBearerAuth()
@Access('admin')
@Controller('api/webhooks')
export class WebhooksController {
  constructor(private readonly webhooks: WebhooksService) {}

  @Get()
  @JsonText()
  @ApiOperation({ summary: "List the organization's webhooks, newest first" })
  @ApiOkResponse({ type: WebhookListResponse, description: 'All of them, without secrets' })
  @ApiProblems(401, 403)
  async list(@CurrentUser() user: AuthenticatedUser): Promise<string> {
    return toWebhookListText(await this.webhooks.list(user.organizationId));
  }

  @Get(':id')
  @JsonText()
  @ApiOperation({ summary: 'Get a webhook' })
  @ApiParam(ID)
  @ApiOkResponse({ type: WebhookResponse, description: 'The webhook, without its secret' })
  @ApiProblems(401, 403, 404)
  get(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<string> {
    return this.webhooks.get(user.organizationId, id);
  }

  @Post()
  @JsonText()
  @ApiOperation({ summary: 'Add a webhook: it gets what happens from now on' })
  @ApiCreatedResponse({
    type: WebhookWithSecretResponse,
    headers: { ...TOKEN_HEADERS, ...LOCATION },
    description: 'The new webhook, and the secret that signs what is sent to it',
  })
  @ApiProblems(400, 401, 403, 409, 413, 415)
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: CreateWebhookDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    const input = { ...toInput(body), description: body.description ?? '', enabled: body.enabled ?? true };
    const created = await this.webhooks.create(user.organizationId, input as WebhookInput);
    const { id } = JSON.parse(created.json) as { id: string };
    reply.header('location', `/api/webhooks/${id}`);
    return toWebhookWithSecretText(created);
  }

  @Patch(':id')
  @JsonText()
  @ApiOperation({ summary: 'Change what is given; enabled again, it goes on where it stopped' })
  @ApiParam(ID)
  @ApiOkResponse({ type: WebhookResponse, headers: TOKEN_HEADERS, description: 'The changed webhook' })
  @ApiProblems(400, 401, 403, 404, 413, 415)
  update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Body() body: UpdateWebhookDto,
  ): Promise<string> {
    return this.webhooks.update(user.organizationId, id, toInput(body));
  }

  @Delete(':id')
  @HttpCode(200)
  @ApiOperation({ summary: 'Delete a webhook and its deliveries' })
  @ApiParam(ID)
  @ApiOkResponse({ type: MessageResponse, headers: TOKEN_HEADERS, description: 'Deleted' })
  @ApiProblems(401, 403, 404)
  async delete(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<MessageResponse> {
    await this.webhooks.delete(user.organizationId, id);
    return { message: 'Webhook deleted successfully' };
  }

  @Post(':id/rotate-secret')
  @HttpCode(200)
  @JsonText()
  @ApiOperation({ summary: 'Make a new secret; for 24 hours the one before signs as well' })
  @ApiParam(ID)
  @ApiOkResponse({ type: WebhookWithSecretResponse, headers: TOKEN_HEADERS, description: 'With the new secret' })
  @ApiProblems(401, 403, 404, 413, 415)
  async rotateSecret(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<string> {
    return toWebhookWithSecretText(await this.webhooks.rotateSecret(user.organizationId, id));
  }
}

/** `description: null` empties it; what is left out stays out. */
function toInput({ url, event_types, description, enabled }: UpdateWebhookDto): Partial<WebhookInput> {
  const eventTypes = event_types && [...new Set(event_types)];
  return { url, eventTypes, description: description === null ? '' : description, enabled };
}
