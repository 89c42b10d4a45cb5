import { DELIVERY_STATES, type DeliveryState } from '@app/webhooks';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

export class DeliveryListQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @Min(1, { message: 'limit must be an integer from 1 to 200' })
  @Max(200, { message: 'limit must be an integer from 1 to 200' })
  @IsInt({ message: 'limit must be an integer from 1 to 200' })
  limit?: number;

  @ApiPropertyOptional({ description: 'The `next_cursor` of the page before' })
  @IsOptional()
  @IsString({ message: 'cursor may be given only once' })
  cursor?: string;

  @ApiPropertyOptional({ enum: DELIVERY_STATES, description: 'Only deliveries in this state' })
  @IsOptional()
  @IsIn(DELIVERY_STATES, { message: `state must be one of ${DELIVERY_STATES.join(', ')}` })
  state?: DeliveryState;
}
