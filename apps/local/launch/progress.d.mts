/** Shows what goes on. */
export interface Progress {
  /** One line, above whatever moves. */
  say(line: string): void;
  /** Shows the title and the time for as long as the work takes. Passes on its result and its failure. */
  step<T>(title: string, work: () => Promise<T>): Promise<T>;
}

export interface ProgressOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export function createProgress(output?: ProgressOutput, now?: () => number): Progress;
