import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '@app/errors';
import { Injectable } from '@nestjs/common';
import { OperatorsQueries } from './operators.queries.js';

/** With half a second of staleness, a mark set or taken back counts within a second. */
const FRESH_MS = 400;
/** What an operator waits for servers that hang before the last answer is taken. */
const PATIENCE_MS = 1_000;
const MAX_REMEMBERED = 1_000;

interface Remembered {
  isOperator: boolean;
  at: number;
}

/**
 * Whether users are operators of the deployment at this moment, by the mark in the database: a token may be a day old.
 * One read for each user in 400 ms at most, however many ask. While no server answers it is what was last known, else
 * what the token says, so that operators are let in when they are needed most; it fails for nobody then.
 */
@Injectable()
export class OperatorsService {
  /** In order of time, the oldest first. */
  private readonly remembered = new Map<number, Remembered>();
  private readonly asking = new Map<number, Promise<boolean | undefined>>();

  constructor(private readonly queries: OperatorsQueries) {}

  async isOperator(userId: number, tokenSaysSo: boolean): Promise<boolean> {
    const known = this.remembered.get(userId);
    if (known !== undefined && performance.now() - known.at < FRESH_MS) return known.isOperator;
    const answer = await this.askOnce(userId);
    return answer ?? this.remembered.get(userId)?.isOperator ?? tokenSaysSo;
  }

  /** Whoever asks while the question is under way gets its answer. Undefined: no server answered in time. */
  private askOnce(userId: number): Promise<boolean | undefined> {
    const underWay = this.asking.get(userId);
    if (underWay !== undefined) return Promise.race([underWay, patience()]);
    const question = this.ask(userId).finally(() => this.asking.delete(userId));
    this.asking.set(userId, question);
    return Promise.race([question, patience()]);
  }

  private async ask(userId: number): Promise<boolean | undefined> {
    const at = performance.now();
    try {
      const isOperator = await this.queries.isOperator(userId);
      this.remember(userId, { isOperator, at });
      return isOperator;
    } catch (error) {
      if (error instanceof DomainError) return undefined;
      throw error;
    }
  }

  private remember(userId: number, answer: Remembered): void {
    // Set anew rather than changed, so that the map stays in order of time.
    this.remembered.delete(userId);
    this.remembered.set(userId, answer);
    const [oldest] = this.remembered.keys();
    if (this.remembered.size > MAX_REMEMBERED && oldest !== undefined) this.remembered.delete(oldest);
  }
}

function patience(): Promise<undefined> {
  return sleep(PATIENCE_MS, undefined, { ref: false });
}
