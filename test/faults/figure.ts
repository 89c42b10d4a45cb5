/** One figure of one fault, as it was asked and as it came out. */
export interface Figure {
  fault: string;
  figure: string;
  asked: string;
  measured: string;
  isMet: boolean;
  /** Whether this shows what happens without the mechanism, which must be the failure that the mechanism is there for. */
  isControl: boolean;
}

declare module 'vitest' {
  interface TaskMeta {
    /** What the test measured, for the table of `npm run test:faults`. */
    figures?: Figure[];
  }
}
