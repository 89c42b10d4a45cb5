/** The command line can't be understood. */
export class UsageError extends Error {
  /** `usage`: what could have been said, shown below the message; empty where the message says it. */
  constructor(
    message: string,
    readonly usage = '',
  ) {
    super(message);
  }
}
