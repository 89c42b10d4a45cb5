/** What `npm start` was asked for. */
export interface StackOptions {
  port: number;
  /** Asked for by name: taken is an error, rather than a reason to take the next. */
  portIsFixed: boolean;
  followers: number;
  /** Absolute. */
  directory: string;
  fresh: boolean;
  build: boolean;
  help: boolean;
}

export const USAGE: string;
export function parseArguments(
  words: string[],
  environment?: Record<string, string | undefined>,
  directory?: string,
): StackOptions;
