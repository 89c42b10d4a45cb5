import { AccountsService } from '@app/accounts';
import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { MessageResponse } from '../http/dto/message.response.js';
import { JsonText } from '../http/json-text.decorator.js';
import { answerList } from '../http/listing/list-answer.js';
import type { ListRules } from '../http/listing/parse-list-query.js';
import { ApiList } from '../http/openapi/api-list.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiReadDemand, ROUTE_HEADERS, TOKEN_HEADERS } from '../http/openapi/api-route-headers.js';
import {
  ApiBearerAuth,
  ApiCreatedResponse,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { ResourceIdPipe } from '../http/resource-id.pipe.js';
import { AccountResponse, CreateAccountDto, UpdateAccountDto } from './dto/account.dto.js';

const id = new ResourceIdPipe('account');
const LIST: ListRules = {
  sorts: ['-created_at', 'created_at', 'name', '-name'],
  filters: ['status', 'customer_id'],
  columns: ['id', 'customer_id', 'name', 'status', 'created_at', 'updated_at'],
};

@ApiTags('accounts')
@ApiBearerAuth()
@Controller('api/accounts')
export class AccountsController {
  constructor(private readonly accounts: AccountsService) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'List accounts: the whole list, or pages of it' })
  @ApiList(AccountResponse, LIST)
  list(
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return answerList(this.accounts, user.organizationId, LIST, request, reply);
  }

  @Get(':id')
  @Access('viewer')
  @JsonText()
  @ApiOperation({ summary: 'Get an account' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiReadDemand()
  @ApiOkResponse({ type: AccountResponse, headers: ROUTE_HEADERS, description: 'The account' })
  @ApiProblems(400, 401, 404)
  get(@CurrentUser() user: AuthenticatedUser, @Param('id', id) accountId: number): Promise<string> {
    return this.accounts.get(user.organizationId, accountId);
  }

  @Post()
  @Access('member')
  @JsonText()
  @ApiOperation({ summary: 'Create an account of a customer' })
  @ApiCreatedResponse({ type: AccountResponse, headers: TOKEN_HEADERS, description: 'The new account' })
  @ApiProblems(400, 401, 403, 413, 415)
  create(@CurrentUser() user: AuthenticatedUser, @Body() account: CreateAccountDto): Promise<string> {
    const { customer_id: customerId, name, status } = account;
    return this.accounts.create(user.organizationId, { customerId, name, status });
  }

  @Put(':id')
  @Access('member')
  @JsonText()
  @ApiOperation({ summary: 'Replace name and status of an account' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiOkResponse({ type: AccountResponse, headers: TOKEN_HEADERS, description: 'The changed account' })
  @ApiProblems(400, 401, 403, 404, 413, 415)
  update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', id) accountId: number,
    @Body() change: UpdateAccountDto,
  ): Promise<string> {
    return this.accounts.update(user.organizationId, accountId, change);
  }

  @Delete(':id')
  @HttpCode(200)
  @Access('member')
  @ApiOperation({ summary: 'Delete an account' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiOkResponse({ type: MessageResponse, headers: TOKEN_HEADERS, description: 'Deleted' })
  @ApiProblems(400, 401, 403, 404)
  async delete(@CurrentUser() user: AuthenticatedUser, @Param('id', id) accountId: number): Promise<MessageResponse> {
    await this.accounts.delete(user.organizationId, accountId);
    return { message: 'Account deleted successfully' };
  }
}
