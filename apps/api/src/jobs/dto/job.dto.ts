import { ACCOUNT_STATUSES } from '@app/accounts';
import { JOB_STATES, type JobState } from '@app/jobs';
import { Type } from 'class-transformer';
import { Allow, IsArray, IsIn, IsInt, IsObject, IsOptional, IsString, Max, Min } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

export const REQUESTABLE_TYPES = [
  'aggregate',
  'bulk-update-accounts',
  'verify-rollups',
  'rebuild-rollups',
  'purge',
] as const;
export type RequestableType = (typeof REQUESTABLE_TYPES)[number];

const TIME = { format: 'date-time', example: '2026-11-22T09:17:21Z' } as const;

/** What the parameters of GET /api/accounts are; the same code reads them. */
export class AccountFilterDto {
  @ApiPropertyOptional()
  @Allow()
  q?: string;

  @ApiPropertyOptional({ example: 'pending' })
  @Allow()
  status?: string;

  @ApiPropertyOptional({ type: 'integer', example: 1 })
  @Allow()
  customer_id?: number;

  @ApiPropertyOptional(TIME)
  @Allow()
  created_after?: string;

  @ApiPropertyOptional(TIME)
  @Allow()
  created_before?: string;
}

export class CreateJobDto {
  @ApiProperty({ enum: REQUESTABLE_TYPES, description: 'verify-rollups, rebuild-rollups and purge are for operators' })
  @IsIn(REQUESTABLE_TYPES, { message: `type must be one of ${REQUESTABLE_TYPES.join(', ')}` })
  type: RequestableType;

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

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    enum: ACCOUNT_STATUSES,
    description: 'Of bulk-update-accounts: the status that the accounts get',
  })
  @IsOptional()
  @IsString({ message: 'status must be a text' })
  status?: string | null;

  @ApiPropertyOptional({
    type: [Number],
    nullable: true,
    description: 'Of bulk-update-accounts: which accounts; ids that the organization does not have are passed over',
  })
  @IsOptional()
  @IsArray({ message: 'account_ids must be a list of ids' })
  @IsInt({ each: true, message: 'account_ids must be integers' })
  @Min(1, { each: true, message: 'account_ids must be positive' })
  @Max(Number.MAX_SAFE_INTEGER, { each: true, message: 'account_ids must be ids' })
  account_ids?: number[] | null;

  @ApiPropertyOptional({
    type: AccountFilterDto,
    nullable: true,
    description:
      'Of bulk-update-accounts, instead of account_ids: filters as of GET /api/accounts; {} means all accounts',
  })
  @IsOptional()
  @IsObject({ message: 'filter must be an object' })
  @Type(() => AccountFilterDto)
  filter?: AccountFilterDto | null;
}

export class JobListQuery {
  @ApiPropertyOptional({ enum: JOB_STATES, description: '`failed` is the dead list' })
  @IsOptional()
  @IsIn(JOB_STATES, { message: `state must be one of ${JOB_STATES.join(', ')}` })
  state?: JobState;

  @ApiPropertyOptional({ example: 'aggregate' })
  @IsOptional()
  @IsString({ message: 'type may be given only once' })
  type?: string;

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
