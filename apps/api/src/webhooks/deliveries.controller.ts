import { DeliveriesService } from '@app/webhooks';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { DeliveryListQuery } from './dto/delivery.dto.js';
import {
  DeliveryListResponse,
  DeliveryResponse,
  toDeliveryListResponse,
  toDeliveryResponse,
} from './dto/delivery.response.js';

const DEFAULT_LIMIT = 50;
const UUID = { schema: { type: 'string' as const, format: 'uuid' } };

@ApiTags('webhooks')
@ApiBearerAuth()
@Access('admin')
@Controller('api/webhooks/:id')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get('deliveries')
  @ApiOperation({ summary: 'What was sent to a webhook and what waits, newest first' })
  @ApiParam({ name: 'id', ...UUID })
  @ApiOkResponse({ type: DeliveryListResponse, description: 'A page of deliveries' })
  @ApiProblems(400, 401, 403, 404)
  async list(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Query() query: DeliveryListQuery,
  ): Promise<DeliveryListResponse> {
    const request = { ...query, limit: query.limit ?? DEFAULT_LIMIT };
    return toDeliveryListResponse(await this.deliveries.list(user.organizationId, id, request));
  }

  @Post('test')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a `webhook.ping` now, once; the deliveries tell how it went' })
  @ApiParam({ name: 'id', ...UUID })
  @ApiAcceptedResponse({ type: DeliveryResponse, description: 'The delivery of the ping' })
  @ApiProblems(401, 403, 404, 409, 413, 415)
  async test(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.deliveries.test(user.organizationId, id));
  }

  @Post('deliveries/:delivery_id/redeliver')
  @HttpCode(202)
  @ApiOperation({ summary: 'Send a delivery again under the same id, whatever became of it before' })
  @ApiParam({ name: 'id', ...UUID })
  @ApiParam({ name: 'delivery_id', ...UUID })
  @ApiAcceptedResponse({ type: DeliveryResponse, description: 'The delivery, pending again' })
  @ApiProblems(401, 403, 404, 409, 413, 415)
  async redeliver(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Param('delivery_id') deliveryId: string,
  ): Promise<DeliveryResponse> {
    return toDeliveryResponse(await this.deliveries.redeliver(user.organizationId, id, deliveryId));
  }
}
