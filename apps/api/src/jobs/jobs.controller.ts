import { JobsService } from '@app/jobs';
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import {
  ApiIdempotencyKey,
  IdempotencyKey,
  REPLAYED_HEADER,
  REPLAYED_HEADERS,
} from '../http/idempotency-key.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import {
  ApiAcceptedResponse,
  ApiBearerAuth,
  ApiExtraModels,
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { CreateJobDto, JobListQuery } from './dto/job.dto.js';
import {
  AggregateResultResponse,
  JobListResponse,
  JobResponse,
  toJobListResponse,
  toJobResponse,
} from './dto/job.response.js';
import { RequestableJobs } from './requestable-jobs.service.js';

const DEFAULT_LIMIT = 50;
const LOCATION = { Location: { description: 'Where the job can be looked at', schema: { type: 'string' as const } } };

@ApiTags('jobs')
@ApiExtraModels(AggregateResultResponse)
@ApiBearerAuth()
@Controller('api/jobs')
export class JobsController {
  constructor(
    private readonly jobs: JobsService,
    private readonly requestable: RequestableJobs,
  ) {}

  @Get()
  @Access('viewer')
  @ApiOperation({ summary: "List the organization's jobs, newest first" })
  @ApiOkResponse({ type: JobListResponse, description: 'A page of jobs' })
  @ApiProblems(400, 401)
  async list(@CurrentUser() user: AuthenticatedUser, @Query() query: JobListQuery): Promise<JobListResponse> {
    const { limit = DEFAULT_LIMIT, cursor, state, type } = query;
    return toJobListResponse(await this.jobs.list(user.organizationId, limit, { state, type }, cursor));
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
  @Access('member')
  @ApiOperation({
    summary: 'Ask for a job; once accepted it is done, whatever is restarted or away',
    description: '`bulk-update-accounts` is for members, `aggregate` for admins, `purge` for operators.',
  })
  @ApiIdempotencyKey()
  @ApiAcceptedResponse({
    type: JobResponse,
    headers: { ...LOCATION, ...REPLAYED_HEADERS },
    description: 'The accepted job',
  })
  @ApiProblems(400, 401, 403, 413, 415, 422)
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Body() body: CreateJobDto,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobResponse> {
    const job = await this.requestable.request(user, body, key);
    if (job.isReplayed) reply.header(REPLAYED_HEADER, 'true');
    reply.header('location', `/api/jobs/${job.id}`);
    return toJobResponse(job);
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({ summary: 'Cancel a job: what waits is not begun, what runs has no further effect' })
  @ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } })
  @ApiOkResponse({ type: JobResponse, description: 'The cancelled job' })
  @ApiProblems(401, 403, 404, 409)
  async cancel(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<JobResponse> {
    return toJobResponse(await this.jobs.cancel(user.organizationId, id));
  }

  @Post(':id/retry')
  @HttpCode(202)
  @Access('admin')
  @ApiOperation({ summary: 'Start a failed or cancelled job again; a long one goes on where it was' })
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
