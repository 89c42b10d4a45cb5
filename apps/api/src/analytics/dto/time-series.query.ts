import { INTERVALS, METRICS } from '@app/analytics';
import { IsOptional, IsString } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

const ONCE = (name: string) => ({ message: `${name} may be given only once` });
const TIME = { type: String, example: '2026-11-01' } as const;

export class TimeSeriesQuery {
  @ApiProperty({ enum: METRICS })
  @IsOptional()
  @IsString(ONCE('metric'))
  metric?: string;

  @ApiPropertyOptional({
    enum: INTERVALS,
    default: 'day',
    description: 'Of the zone’s calendar; weeks begin on Mondays',
  })
  @IsOptional()
  @IsString(ONCE('interval'))
  interval?: string;

  @ApiPropertyOptional({
    ...TIME,
    description: 'Inclusive: RFC 3339, or a day, which begins in the zone. The 30th day up to `to` by default',
  })
  @IsOptional()
  @IsString(ONCE('from'))
  from?: string;

  @ApiPropertyOptional({
    ...TIME,
    description: 'Exclusive: RFC 3339, or a day, which begins in the zone. Now by default',
  })
  @IsOptional()
  @IsString(ONCE('to'))
  to?: string;

  @ApiPropertyOptional({
    default: 'UTC',
    example: 'Europe/Berlin',
    description: 'IANA name; in quarters of an hour from UTC',
  })
  @IsOptional()
  @IsString(ONCE('time_zone'))
  time_zone?: string;
}
