import { QUEUE_NAMES, type QueuesReport } from '@app/jobs';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

const COUNT = { type: 'integer', minimum: 0 } as const;

export class QueueResponse {
  @ApiProperty({ enum: QUEUE_NAMES })
  name: string;

  @ApiProperty({ type: 'integer', description: 'Of ten jobs started so many are of this queue while all have work' })
  weight: number;

  @ApiProperty(COUNT)
  waiting: number;

  @ApiProperty({ ...COUNT, description: 'Waiting for another attempt' })
  delayed: number;

  @ApiProperty(COUNT)
  active: number;

  @ApiProperty({ ...COUNT, description: 'Still kept' })
  completed: number;

  @ApiProperty({ ...COUNT, description: 'The dead list: failed for good, still kept' })
  failed: number;

  @ApiProperty({
    type: 'number',
    minimum: 0,
    maximum: 1,
    description: 'The queue’s part of the jobs started last, up to a thousand of each worker process',
    example: 0.6,
  })
  started_share: number;
}

export class SlotsResponse {
  @ApiProperty({ ...COUNT, description: 'Jobs that all worker processes together run at once' })
  total: number;

  @ApiProperty(COUNT)
  busy: number;
}

export class QueuesResponse {
  @ApiProperty({ type: [QueueResponse] })
  queues: QueueResponse[];

  @ApiProperty({ type: SlotsResponse })
  slots: SlotsResponse;

  @ApiProperty({ enum: ['postgres', 'redis'] })
  backend: string;
}

export function toQueuesResponse({ queues, slots, backend }: QueuesReport): QueuesResponse {
  return {
    queues: queues.map((queue) => ({
      name: queue.name,
      weight: queue.weight,
      waiting: queue.waiting,
      delayed: queue.delayed,
      active: queue.active,
      completed: queue.completed,
      failed: queue.failed,
      started_share: queue.startedShare,
    })),
    slots,
    backend,
  };
}
