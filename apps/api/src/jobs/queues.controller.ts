import { QueueStatus } from '@app/jobs';
import { Controller, Get } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '../http/openapi/openapi.decorators.js';
import { QueuesResponse, toQueuesResponse } from './dto/queues.response.js';

@ApiTags('system')
@ApiBearerAuth()
@Access('operator')
@Controller('api/queues')
export class QueuesController {
  constructor(private readonly status: QueueStatus) {}

  @Get()
  @ApiOperation({ summary: 'What waits in the queues of all organizations, and how busy the workers are' })
  @ApiOkResponse({ type: QueuesResponse, description: 'Queues, slots of all worker processes, and the backend' })
  @ApiProblems(401, 403)
  async list(): Promise<QueuesResponse> {
    return toQueuesResponse(await this.status.report());
  }
}
