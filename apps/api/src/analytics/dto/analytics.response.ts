import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

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
