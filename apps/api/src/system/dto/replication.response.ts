import { ApiProperty } from '../../http/openapi/openapi.decorators.js';

const FOLLOWER_STATES = ['absent', 'connecting', 'healthy', 'suspect', 'open', 'ramp', 'role-changed', 'drained'];
const FOLLOWER = { description: 'In the order of ANALYTICS_DB_URL', example: 'follower-1' } as const;
const STATE = { enum: FOLLOWER_STATES, enumName: 'FollowerState' } as const;
const TIME = { type: String, format: 'date-time', example: '2026-11-22T09:17:21.479120Z' } as const;
const LSN = { type: String, nullable: true, example: '0/3000148' } as const;
const STALENESS = {
  type: 'integer',
  nullable: true,
  description: 'Milliseconds that its answers are old at most; null where that is not known',
} as const;

export class PrimaryStatusResponse {
  @ApiProperty({ enum: ['up', 'down'] })
  state: string;

  @ApiProperty({ type: String, nullable: true, description: 'Of the database system, the same on its followers' })
  system_id: string | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Grows by one with each promotion' })
  timeline: number | null;

  @ApiProperty({ ...LSN, description: 'Where its log ended when it was last asked' })
  lsn: string | null;
}

export class FollowerPoolResponse {
  @ApiProperty({ type: 'integer' })
  max: number;

  @ApiProperty({ type: 'integer' })
  used: number;

  @ApiProperty({ type: 'integer', description: 'Reads that wait for a connection' })
  waiting: number;
}

export class FollowerStatusResponse {
  @ApiProperty(FOLLOWER)
  name: string;

  @ApiProperty(STATE)
  state: string;

  @ApiProperty(STALENESS)
  staleness_ms: number | null;

  @ApiProperty({ type: 'integer', nullable: true, description: "Of the primary's log, not yet replayed" })
  replay_lag_bytes: number | null;

  @ApiProperty({ ...LSN, description: 'Up to where it has replayed' })
  lsn: string | null;

  @ApiProperty({ type: FollowerPoolResponse })
  pool: FollowerPoolResponse;

  @ApiProperty({ ...TIME, description: 'When it came into this state' })
  since: string;
}

export class PoolResponse {
  @ApiProperty({ example: 'primary' })
  name: string;

  @ApiProperty({ type: 'integer' })
  max: number;

  @ApiProperty({ type: 'integer' })
  used: number;

  @ApiProperty({ type: 'integer' })
  idle: number;

  @ApiProperty({ type: 'integer' })
  waiting: number;
}

export class RouteCountResponse {
  @ApiProperty({ enum: ['primary', 'follower'] })
  target: string;

  @ApiProperty({ description: 'As in `X-Db-Route-Reason`', example: 'ok' })
  reason: string;

  @ApiProperty({ type: 'integer', description: 'Since the process started' })
  count: number;
}

export class TransitionResponse {
  @ApiProperty(TIME)
  at: string;

  @ApiProperty(FOLLOWER)
  follower: string;

  @ApiProperty(STATE)
  from: string;

  @ApiProperty(STATE)
  to: string;

  @ApiProperty({ description: 'In words', example: 'nothing listens at its address' })
  cause: string;
}

export class StalenessSampleResponse {
  @ApiProperty(TIME)
  at: string;

  @ApiProperty(FOLLOWER)
  follower: string;

  @ApiProperty(STALENESS)
  staleness_ms: number | null;
}

export class ReplicationResponse {
  @ApiProperty({ type: PrimaryStatusResponse })
  primary: PrimaryStatusResponse;

  @ApiProperty({ type: [FollowerStatusResponse] })
  followers: FollowerStatusResponse[];

  @ApiProperty({ type: [PoolResponse], description: 'Connections of the process that answers' })
  pools: PoolResponse[];

  @ApiProperty({ type: [RouteCountResponse] })
  routes: RouteCountResponse[];

  @ApiProperty({ type: [TransitionResponse], description: 'Newest first, the last 100' })
  transitions: TransitionResponse[];

  @ApiProperty({
    type: [StalenessSampleResponse],
    description: 'Oldest first: one a second and follower, the last ten minutes',
  })
  history: StalenessSampleResponse[];
}
