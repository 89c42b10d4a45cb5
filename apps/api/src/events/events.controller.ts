import type { Readable } from 'node:stream';
import { ChangeLogService, UndoService } from '@app/change-log';
import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { JsonText } from '../http/json-text.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiReadDemand, ROUTE_HEADERS, TOKEN_HEADERS } from '../http/openapi/api-route-headers.js';
import {
  ApiBearerAuth,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiProduces,
  ApiResponse,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { EventFilterQuery, EventListQuery } from './dto/event.query.js';
import { EventListResponse, toEventListText, toUndoResponse, UndoResponse } from './dto/event.response.js';
import { checkEntityFilter, DEFAULT_LIMIT, toFilter } from './event-filter.js';
import { EventStreams } from './streams/event-streams.service.js';

@ApiTags('events')
@ApiBearerAuth()
@Controller('api/events')
export class EventsController {
  constructor(
    private readonly log: ChangeLogService,
    private readonly undos: UndoService,
    private readonly streams: EventStreams,
  ) {}

  @Get()
  @Access('viewer')
  @JsonText()
  @ApiOperation({ summary: 'Every change in the organization, in order and without gaps' })
  @ApiReadDemand()
  @ApiOkResponse({ type: EventListResponse, headers: ROUTE_HEADERS, description: 'What comes behind `after`' })
  @ApiProblems(400, 401, 410)
  async list(@CurrentUser() user: AuthenticatedUser, @Query() query: EventListQuery): Promise<string> {
    checkEntityFilter(query);
    const { after, limit = DEFAULT_LIMIT } = query;
    return toEventListText(await this.log.read(user.organizationId, { ...toFilter(query, user), after, limit }));
  }

  @Get('stream')
  @Access('viewer')
  @ApiOperation({ summary: 'The same as server-sent events, as they happen' })
  @ApiReadDemand()
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'As browsers send it; comes before `after`' })
  @ApiProduces('text/event-stream')
  @ApiResponse({
    status: 200,
    description: 'Events behind `Last-Event-ID` or `after`, from now on without either; `id` is the cursor',
    headers: ROUTE_HEADERS,
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  @ApiProblems(400, 401, 410, 429)
  stream(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: EventFilterQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    checkEntityFilter(query);
    // Browsers that have had no event yet send none, some clients an empty one.
    const lastEventId = [request.headers['last-event-id']].flat()[0];
    return this.streams.open(user, toFilter(query, user), lastEventId || query.after, reply);
  }

  @Post(':cursor/undo')
  @HttpCode(200)
  @Access('member')
  @ApiOperation({ summary: 'Take the deletion of a customer, with its accounts, or of an account back' })
  @ApiParam({ name: 'cursor', schema: { type: 'string' } })
  @ApiOkResponse({ type: UndoResponse, headers: TOKEN_HEADERS, description: 'What came back, under its ids' })
  @ApiProblems(400, 401, 403, 404, 409)
  async undo(@CurrentUser() user: AuthenticatedUser, @Param('cursor') cursor: string): Promise<UndoResponse> {
    return toUndoResponse(await this.undos.undo(user.organizationId, cursor));
  }
}
