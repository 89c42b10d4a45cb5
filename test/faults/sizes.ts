import { inject } from 'vitest';
import { CI, type FaultSize } from './fault-size.js';

declare module 'vitest' {
  interface ProvidedContext {
    /** Set by `npm run test:faults`; everywhere else the suite runs at the size of CI. */
    faultSize: FaultSize | undefined;
  }
}

/** The size of this run. */
export const size: FaultSize = inject('faultSize') ?? CI;

/** For what takes `ms` beside setting up and calming down, which a busy machine may take a minute for. */
export const timeLimit = (ms: number): number => ms + 60_000 * size.patience;
