import { isEventPattern } from '@app/change-log';
import { Transform, Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min, registerDecorator } from 'class-validator';
import { ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

const LIMIT = 'limit must be an integer from 1 to 1000';
const ONCE = 'may be given only once';

/** What a reader of the change log may ask for, of a page and of a stream alike. */
export class EventFilterQuery {
  @ApiPropertyOptional({ description: 'A cursor of an answer: only what comes behind it' })
  @IsOptional()
  @IsString({ message: `after ${ONCE}` })
  after?: string;

  @ApiPropertyOptional({
    type: String,
    example: 'customer.created,account.*',
    description: 'Only these types, separated by commas; `account.*` stands for all of accounts',
  })
  @IsOptional()
  @Transform(({ value }) => (typeof value === 'string' ? value.split(',') : value))
  @AreEventPatterns()
  type?: string[];

  @ApiPropertyOptional({ example: 'customer', description: 'Only of this kind of entity' })
  @IsOptional()
  @Matches(/^[a-z][a-z_]{0,49}$/, { message: 'entity must be the name of a kind, such as customer' })
  entity?: string;

  @ApiPropertyOptional({ description: 'Only of this one; together with `entity`' })
  @IsOptional()
  @Length(1, 100, { message: 'entity_id must have 1 to 100 characters' })
  @IsString({ message: `entity_id ${ONCE}` })
  entity_id?: string;
}

export class EventPageQuery {
  @ApiPropertyOptional({ description: 'A cursor of an answer: only what comes behind it' })
  @IsOptional()
  @IsString({ message: `after ${ONCE}` })
  after?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @Min(1, { message: LIMIT })
  @Max(1000, { message: LIMIT })
  @IsInt({ message: LIMIT })
  limit?: number;
}

export class EventListQuery extends EventFilterQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 100 })
  @IsOptional()
  @Type(() => Number)
  @Min(1, { message: LIMIT })
  @Max(1000, { message: LIMIT })
  @IsInt({ message: LIMIT })
  limit?: number;
}

function AreEventPatterns(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'pattern',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) =>
          Array.isArray(value) &&
          value.length <= 50 &&
          value.every((each) => typeof each === 'string' && isEventPattern(each)),
        defaultMessage: () => 'type must be types such as customer.created or account.*, separated by commas',
      },
    });
}
