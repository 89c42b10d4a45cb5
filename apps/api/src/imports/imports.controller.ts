import { Readable } from 'node:stream';
import { ImportsService, ImportUploads } from '@app/imports';
import { Controller, Get, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
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
  ApiOkResponse,
  ApiOperation,
  ApiParam,
  ApiTags,
} from '../http/openapi/openapi.decorators.js';
import { JobResponse, toJobResponse } from '../jobs/dto/job.response.js';
import { ImportQuery, toImportOptions } from './dto/import-query.dto.js';
import { UploadedFiles } from './uploaded-files.service.js';

const LOCATION = {
  Location: { description: 'Where the import can be looked at', schema: { type: 'string' as const } },
};
const ID = ApiParam({ name: 'id', schema: { type: 'string', format: 'uuid' } });
const FILE = {
  required: true,
  description: 'A CSV file in UTF-8 whose first line names the columns; docs/imports.md has the rules',
  content: {
    'text/csv': { schema: { type: 'string' as const }, example: 'name,email\nJane Miller,jane@example.com\n' },
    'multipart/form-data': {
      schema: {
        type: 'object' as const,
        required: ['file'],
        properties: { file: { type: 'string' as const, format: 'binary' } },
      },
    },
  },
};

@ApiTags('imports')
@ApiBearerAuth()
@Controller('api/imports')
export class ImportsController {
  constructor(
    private readonly uploads: ImportUploads,
    private readonly imports: ImportsService,
    private readonly files: UploadedFiles,
  ) {}

  @Post()
  @HttpCode(202)
  @Access('member')
  @ApiOperation({ summary: 'Import a CSV file of customers or accounts, of any size', requestBody: FILE })
  @ApiIdempotencyKey()
  @ApiAcceptedResponse({
    type: JobResponse,
    headers: { ...LOCATION, ...REPLAYED_HEADERS },
    description: 'The accepted import: its file is durable',
  })
  @ApiProblems(400, 401, 403, 408, 413, 415, 422)
  async create(
    @CurrentUser() user: AuthenticatedUser,
    @Query() query: ImportQuery,
    @IdempotencyKey() key: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobResponse> {
    const file = this.files.open(request);
    const job = await this.uploads.receive(user.organizationId, toImportOptions(query), file, key);
    reply.header('location', `/api/imports/${job.id}`);
    if (job.isReplayed) reply.header(REPLAYED_HEADER, 'true');
    return toJobResponse(job);
  }

  @Get(':id')
  @Access('viewer')
  @ApiOperation({ summary: 'Get an import: its state, progress and result' })
  @ID
  @ApiOkResponse({ type: JobResponse, description: 'The job that imports the file' })
  @ApiProblems(401, 404)
  async get(@CurrentUser() user: AuthenticatedUser, @Param('id') id: string): Promise<JobResponse> {
    return toJobResponse(await this.imports.get(user.organizationId, id));
  }

  @Get(':id/rejected')
  @Access('viewer')
  @ApiOperation({ summary: 'Get the lines that did not land, each with its number and reason' })
  @ID
  @ApiOkResponse({
    content: { 'text/csv': { schema: { type: 'string' } } },
    description: '`line,field,code,message` and the columns of the file',
  })
  @ApiProblems(401, 404)
  async rejected(
    @CurrentUser() user: AuthenticatedUser,
    @Param('id') id: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Readable> {
    const report = await this.imports.report(user.organizationId, id);
    reply.header('content-type', 'text/csv; charset=utf-8');
    reply.header('content-disposition', `attachment; filename="rejected-${id}.csv"`);
    return Readable.from(report, { objectMode: false, highWaterMark: 65_536 });
  }
}
