import { AnalyticsService } from '@app/analytics';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { Access } from '../auth/access.decorator.js';
import type { AuthenticatedUser } from '../auth/authenticated-user.js';
import { CurrentUser } from '../auth/current-user.decorator.js';
import { ApiProblems } from '../http/openapi/api-problems.decorator.js';
import { ApiReadDemand, ROUTE_HEADERS } from '../http/openapi/api-route-headers.js';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '../http/openapi/openapi.decorators.js';
import { ResourceIdPipe } from '../http/resource-id.pipe.js';
import { CustomerTotalsResponse, OverviewResponse, TimeSeriesResponse } from './dto/analytics.response.js';
import { TimeSeriesQuery } from './dto/time-series.query.js';

@ApiTags('analytics')
@ApiBearerAuth()
@Access('viewer')
@Controller('api/analytics')
export class AnalyticsController {
  constructor(private readonly analytics: AnalyticsService) {}

  @Get()
  @ApiOperation({ summary: 'Totals of the organization, from the follower where one serves' })
  @ApiReadDemand()
  @ApiOkResponse({ type: OverviewResponse, headers: ROUTE_HEADERS, description: 'The totals, all of one snapshot' })
  @ApiProblems(400, 401)
  overview(@CurrentUser() user: AuthenticatedUser): Promise<OverviewResponse> {
    return this.analytics.overview(user.organizationId);
  }

  @Get('timeseries')
  @ApiOperation({ summary: 'What happened, or what there was, in each day, week or month of a time zone' })
  @ApiReadDemand()
  @ApiOkResponse({ type: TimeSeriesResponse, headers: ROUTE_HEADERS, description: 'One point for each interval' })
  @ApiProblems(400, 401)
  timeSeries(@CurrentUser() user: AuthenticatedUser, @Query() query: TimeSeriesQuery): Promise<TimeSeriesResponse> {
    return this.analytics.timeSeries(user.organizationId, query);
  }

  @Get('customers/:customer_id')
  @ApiOperation({ summary: 'Totals of one customer; zeros for one that does not exist' })
  @ApiParam({ name: 'customer_id', schema: { type: 'integer' } })
  @ApiReadDemand()
  @ApiOkResponse({ type: CustomerTotalsResponse, headers: ROUTE_HEADERS, description: 'The totals' })
  @ApiProblems(400, 401)
  async ofCustomer(
    @CurrentUser() user: AuthenticatedUser,
    @Param('customer_id', new ResourceIdPipe('customer')) id: number,
    @Param('customer_id') asAsked: string,
  ): Promise<CustomerTotalsResponse> {
    return { customer_id: asAsked, ...(await this.analytics.ofCustomer(user.organizationId, id)) };
  }
}
