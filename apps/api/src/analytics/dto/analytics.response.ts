import { INTERVALS, METRICS } from '@app/analytics';
import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

const AS_OF = {
  type: String,
  format: 'date-time',
  nullable: true,
  example: '2026-11-22T09:17:21.479000Z',
  description: 'Everything acknowledged before is counted for sure; null where no bound is known',
} as const;

export class OverviewResponse {
  @ApiProperty({ type: 'integer' })
  total_customers: number;

  @ApiProperty({ type: 'integer' })
  total_accounts: number;

  @ApiProperty({ type: 'integer' })
  active_accounts: number;

  @ApiProperty({
    type: 'integer',
    description: 'Of status inactive; suspended and pending ones are in the total alone',
  })
  inactive_accounts: number;

  @ApiProperty({ description: 'Over the customers that have an account; 0 where none has' })
  avg_accounts_per_customer: number;

  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { active: 2, inactive: 1, suspended: 0, pending: 0 },
    description: 'The four statuses always, others that adopted rows have as found; without a status under ""',
  })
  accounts_by_status: Record<string, number>;

  @ApiProperty(AS_OF)
  as_of: string | null;
}

export class CustomerTotalsResponse {
  @ApiProperty({ description: 'As asked for', example: '1' })
  customer_id: string;

  @ApiProperty({ type: 'integer' })
  total_accounts: number;

  @ApiProperty({ type: 'integer' })
  active_accounts: number;

  @ApiProperty({ type: 'integer', description: 'All that are not active' })
  inactive_accounts: number;
}

export class PointResponse {
  @ApiProperty({ format: 'date-time', example: '2026-11-21T23:00:00.000000Z', description: 'When the interval begins' })
  start: string;

  @ApiProperty({ type: 'integer', description: 'What happened in the interval, or what there was at its end' })
  value: number;
}

export class TimeSeriesResponse {
  @ApiProperty({ enum: METRICS })
  metric: string;

  @ApiProperty({ enum: INTERVALS })
  interval: string;

  @ApiProperty({ example: 'Europe/Berlin' })
  time_zone: string;

  @ApiProperty(AS_OF)
  as_of: string | null;

  @ApiProperty({ type: [PointResponse], description: 'Every whole interval that has a part in the range, zeros too' })
  points: PointResponse[];
}
