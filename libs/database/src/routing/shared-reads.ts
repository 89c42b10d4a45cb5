/** Nobody has begun what the caller asked for within the time that it may wait. */
export class WaitedTooLongError extends Error {
  constructor() {
    super('The read was not begun in time');
    this.name = 'WaitedTooLongError';
  }
}

interface NextExecution {
  hasBegun: Promise<void>;
  answer: Promise<unknown>;
}

interface Executions {
  running: Promise<unknown>;
  /** Begins when the running one has ended; everyone who asks meanwhile gets its answer. */
  next: NextExecution | undefined;
}

/**
 * Lets callers who ask the same at the same time share an execution: of each question one runs and at most one waits. Who
 * comes while one runs joins the one that waits, never the running one: that may have begun before a write that the
 * caller has seen. Answers are shared too, so nobody may change them.
 */
export class SharedReads {
  /** Callers whose execution has not begun. */
  waiting = 0;
  private readonly executions = new Map<string, Executions>();

  /** @throws WaitedTooLongError when its execution has not begun within `limitMs`; fails as the execution does. */
  run<T>(question: string, limitMs: number, execute: () => Promise<T>): Promise<T> {
    const open = this.executions.get(question);
    if (open === undefined) return this.start(question, execute);
    open.next ??= this.after(open.running, question, execute);
    return this.join<T>(open.next, limitMs);
  }

  private after<T>(running: Promise<unknown>, question: string, execute: () => Promise<T>): NextExecution {
    const hasBegun = running.then(
      () => undefined,
      () => undefined,
    );
    const answer = hasBegun.then(() => this.start(question, execute));
    // Everyone who waits for it may have given up by then.
    answer.catch(() => undefined);
    return { hasBegun, answer };
  }

  private join<T>({ hasBegun, answer }: NextExecution, limitMs: number): Promise<T> {
    this.waiting += 1;
    return new Promise<T>((resolve, reject) => {
      let isWaiting = true;
      const stopWaiting = (): void => {
        if (isWaiting) this.waiting -= 1;
        isWaiting = false;
        clearTimeout(timer);
      };
      const timer = setTimeout(() => {
        stopWaiting();
        reject(new WaitedTooLongError());
      }, limitMs);
      void hasBegun.then(stopWaiting);
      (answer as Promise<T>).then(resolve, reject);
    });
  }

  private start<T>(question: string, execute: () => Promise<T>): Promise<T> {
    const running = execute();
    const executions: Executions = { running, next: undefined };
    this.executions.set(question, executions);
    const forget = (): void => {
      // Whoever waits starts anew in this same turn, and takes the place.
      if (executions.next === undefined) this.executions.delete(question);
    };
    running.then(forget, forget);
    return running;
  }
}
