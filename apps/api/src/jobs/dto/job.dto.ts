import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

export const REQUESTABLE_TYPES = ['aggregate', 'verify-rollups', 'rebuild-rollups'] as const;

export class CreateJobDto {
  @ApiProperty({ enum: REQUESTABLE_TYPES, description: 'verify-rollups and rebuild-rollups are for operators' })
  @IsIn(REQUESTABLE_TYPES, { message: `type must be one of ${REQUESTABLE_TYPES.join(', ')}` })
  type: (typeof REQUESTABLE_TYPES)[number];

  @ApiPropertyOptional({
    type: String,
    format: 'date',
    nullable: true,
    example: '2026-11-21',
    description: 'Of aggregate: the day to compute, UTC; yesterday by default',
  })
  @IsOptional()
  @IsString({ message: 'date must be a day such as 2026-11-21' })
  date?: string | null;
}

export class JobListQuery {
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
}
