import { ChangeLogService } from '@app/change-log';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { JsonText } from '../http/json-text.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiReadDemand, ROUTE_HEADERS } from '../http/openapi/api-route-headers.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '../http/openapi/openapi.decorators.js';
import { ResourceIdPipe } from '../http/resource-id.pipe.js';
import { EventPageQuery } from './dto/event.query.js';
import { EventListResponse, toEventListText } from './dto/event.response.js';
import { DEFAULT_LIMIT } from './event-filter.js';

const PAGE = { type: EventListResponse, headers: ROUTE_HEADERS, description: 'What happened to it, oldest first' };

/** The history of one customer or account; of one that is gone as well, and empty for one that never was. */
@ApiTags('events')
@ApiBearerAuth()
@Access('viewer')
@Controller('api')
export class EntityEventsController {
  constructor(private readonly log: ChangeLogService) {}

  @Get('customers/:id/events')
  @JsonText()
  @ApiOperation({ summary: 'The history of a customer' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiReadDemand()
  @ApiOkResponse(PAGE)
  @ApiProblems(400, 401, 410)
  ofCustomer(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', new ResourceIdPipe('customer')) id: number,
    @Query() query: EventPageQuery,
  ): Promise<string> {
    return this.history(user, 'customer', id, query);
  }

  @Get('accounts/:id/events')
  @JsonText()
  @ApiOperation({ summary: 'The history of an account' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiReadDemand()
  @ApiOkResponse(PAGE)
  @ApiProblems(400, 401, 410)
  ofAccount(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', new ResourceIdPipe('account')) id: number,
    @Query() query: EventPageQuery,
  ): Promise<string> {
    return this.history(user, 'account', id, query);
  }

  private async history(
    { organizationId }: AuthenticatedUser,
    entity: 'customer' | 'account',
    id: number,
    { after, limit = DEFAULT_LIMIT }: EventPageQuery,
  ): Promise<string> {
    return toEventListText(await this.log.read(organizationId, { entity, entityId: String(id), after, limit }));
  }
}
