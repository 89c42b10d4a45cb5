import { ReplicationStatus } from '@app/database';
import { Controller, Get } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '../http/openapi/openapi.decorators.js';
import { ReplicationResponse } from './dto/replication.response.js';

@ApiTags('system')
@ApiBearerAuth()
@Access('operator')
@Controller('api/system')
export class SystemController {
  constructor(private readonly status: ReplicationStatus) {}

  @Get('replication')
  @ApiOperation({ summary: 'How the primary and its followers are, as the process that answers sees them' })
  @ApiOkResponse({ type: ReplicationResponse, description: 'States, positions, pools, routes and recent transitions' })
  @ApiProblems(401, 403)
  replication(): Promise<ReplicationResponse> {
    return this.status.report();
  }
}
