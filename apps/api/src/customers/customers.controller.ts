import { CustomersService } from '@app/customers';
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
import { CustomerDto, CustomerResponse } from './dto/customer.dto.js';

const id = new ResourceIdPipe('customer');
const LIST: ListRules = {
  sorts: ['-created_at', 'created_at', 'name', '-name', 'email', '-email'],
  filters: [],
  columns: ['id', 'name', 'email', 'created_at', 'updated_at'],
};

@ApiTags('customers')
@ApiBearerAuth()
@Controller('api/customers')
export class CustomersController {
  constructor(private readonly customers: CustomersService) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: 'List customers: the whole list, or pages of it' })
  @ApiList(CustomerResponse, LIST)
  list(
    @CurrentUser() user: AuthenticatedUser,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ) {
    return answerList(this.customers, user.organizationId, LIST, request, reply);
  }

  @Get(':id')
  @Access('viewer')
  @JsonText()
  @ApiOperation({ summary: 'Get a customer' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiReadDemand()
  @ApiOkResponse({ type: CustomerResponse, headers: ROUTE_HEADERS, description: 'The customer' })
  @ApiProblems(400, 401, 404)
  get(@CurrentUser() user: AuthenticatedUser, @Param('id', id) customerId: number): Promise<string> {
    return this.customers.get(user.organizationId, customerId);
  }

  @Post()
  @Access('member')
  @JsonText()
  @ApiOperation({ summary: 'Create a customer' })
  @ApiCreatedResponse({ type: CustomerResponse, headers: TOKEN_HEADERS, description: 'The new customer' })
  @ApiProblems(400, 401, 403, 409, 413, 415)
  create(@CurrentUser() user: AuthenticatedUser, @Body() customer: CustomerDto): Promise<string> {
    return this.customers.create(user.organizationId, customer);
  }

  @Put(':id')
  @Access('member')
  @JsonText()
  @ApiOperation({ summary: 'Replace name and e-mail address of a customer' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiOkResponse({ type: CustomerResponse, headers: TOKEN_HEADERS, description: 'The changed customer' })
  @ApiProblems(400, 401, 403, 404, 409, 413, 415)
  update(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id', id) customerId: number,
    @Body() customer: CustomerDto,
  ): Promise<string> {
    return this.customers.update(user.organizationId, customerId, customer);
  }

  @Delete(':id')
  @HttpCode(200)
  @Access('member')
  @ApiOperation({ summary: 'Delete a customer and its accounts' })
  @ApiParam({ name: 'id', schema: { type: 'integer' } })
  @ApiOkResponse({ type: MessageResponse, headers: TOKEN_HEADERS, description: 'Deleted' })
  @ApiProblems(400, 401, 403, 404)
  async delete(@CurrentUser() user: AuthenticatedUser, @Param('id', id) customerId: number): Promise<MessageResponse> {
    await this.customers.delete(user.organizationId, customerId);
    return { message: 'Customer deleted successfully' };
  }
}
