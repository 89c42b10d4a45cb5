/** Shows what goes on. */
export interface Progress {
  /** One line, above whatever moves. */
  say(line: string): void;
  /**
   * Shows the title and the time for as long as the work takes, and how far it says by `note` that it is. Passes on its result
   * and its failure.
   */
  step<T>(title: string, work: (note: (line: string) => void) => Promise<T>): Promise<T>;
}

export interface ProgressOutput {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

export function createProgress(output?: ProgressOutput, now?: () => number): Progress;
