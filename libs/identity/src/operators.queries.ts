import { type ReadOptions, ReadRouter, statement } from '@app/database';
import { runInContext } from '@app/logging';
import { Injectable } from '@nestjs/common';

/** With the 400 ms that an answer is remembered for, a mark counts within a second. */
const MAX_STALENESS_MS = 500;

const HOW: ReadOptions = { preference: 'follower-preferred', maxStalenessMs: MAX_STALENESS_MS, allowStale: true };

const IS_OPERATOR = statement('is-operator', 'SELECT is_operator AS "isOperator" FROM users WHERE id = $1');

/** Who is an operator, as a follower that is up to date has it, else the primary, else a follower that is behind. */
@Injectable()
export class OperatorsQueries {
  constructor(private readonly router: ReadRouter) {}

  /** False for a user who is not there. */
  async isOperator(userId: number): Promise<boolean> {
    // In a context of its own: the answer is shared by requests, so none of them decides how it is read, nor shows it
    // as the route of its own data.
    const rows = await runInContext({ requestId: 'operators' }, () =>
      this.router.read(HOW, (session) => session.query<{ isOperator: boolean }>(IS_OPERATOR, [userId])),
    );
    return rows[0]?.isOperator ?? false;
  }
}
