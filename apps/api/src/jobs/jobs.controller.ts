import { JobsService } from '@app/jobs';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
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
import { CreateJobDto, JobListQuery } from './dto/job.dto.js';
import { JobListResponse, JobResponse, toJobListResponse, toJobResponse } from './dto/job.response.js';
import { JobOrders } from './job-orders.service.js';

const DEFAULT_LIMIT = 50;
const LOCATION = { Location: { description: 'Where the job can be looked at', schema: { type: 'string' as const } } };

@ApiTags('jobs')
@ApiBearerAuth()
@Controller('api/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly orders: JobOrders,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: "List the organization's jobs, newest first" })
  @ApiOkResponse({ type: JobListResponse, description: 'A page of jobs' })
  @ApiProblems(400, 401)
  async list(@CurrentUser() user: AuthenticatedUser, @Query() query: JobListQuery): Promise<JobListResponse> {
    return toJobListResponse(await this.jobs.list(user.organizationId, query.limit ?? DEFAULT_LIMIT, query.cursor));
  }

  @Get(':id')
  @Access('viewer')
  @ApiOperation({ summary: 'Get a job: its state, progress and result' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: JobResponse, description: 'The job' })
  @ApiProblems(401, 404)
  async get(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<JobResponse> {
    return toJobResponse(await this.jobs.get(user.organizationId, id));
  }

  @Post()
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({ summary: 'Ask for a job; once accepted it is done, whatever is restarted or away' })
  @ApiAcceptedResponse({ type: JobResponse, headers: LOCATION, description: 'The accepted job' })
  @ApiProblems(400, 401, 403, 413, 415)
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: CreateJobDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobResponse> {
    const job = await this.orders.place(user, body);
    reply.header('location', `/api/jobs/${job.id}`);
    return toJobResponse(job);
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({ summary: 'Start a failed job again' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiAcceptedResponse({ type: JobResponse, headers: LOCATION, description: 'The job, waiting again' })
  @ApiProblems(401, 403, 404, 409)
  async retry(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobResponse> {
    const job = await this.jobs.retry(user.organizationId, id);
    reply.header('location', `/api/jobs/${job.id}`);
    return toJobResponse(job);
  }
}
