import { type JobAttempt, JobRuns, JobSupersededError } from '@app/jobs';
import { Injectable } from '@nestjs/common';

/** This process ends before the job does: another one goes on with it. */
export class WorkerStoppingError extends Error {
  constructor() {
    super('The worker stops');
    this.name = 'WorkerStoppingError';
  }
}

/** An attempt that runs in this process. */
export interface JobInHand {
  attempt: JobAttempt;
  abort: AbortController;
}

/** The attempts that this process works on, and who tells them to stop. */
@Injectable()
export class JobsInHand {
  private readonly inHand = new Set<JobInHand>();
  private isStopping = false;

  constructor(private readonly runs: JobRuns) {}

  get attempts(): JobAttempt[] {
    return [...this.inHand].map(({ attempt }) => attempt);
  }

  /** Runs one attempt's work with the signal that ends it. */
  async hold<T>(attempt: JobAttempt, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const entry = { attempt, abort: new AbortController() };
    this.inHand.add(entry);
    try {
      return await work(entry.abort.signal);
    } finally {
      this.inHand.delete(entry);
    }
  }

  /** Tells the attempts that were cancelled or taken over. */
  async abortSuperseded(): Promise<void> {
    const superseded = new Set((await this.runs.findSuperseded(this.attempts)).map(keyOf));
    for (const { attempt, abort } of this.inHand) {
      if (superseded.has(keyOf(attempt))) abort.abort(new JobSupersededError());
    }
  }

  /** From now on no step begins; what runs may end. */
  stopSteps(): void {
    this.isStopping = true;
  }

  /** @throws whatever ends the attempt, when it must not begin another step. */
  assertMayGoOn(signal: AbortSignal): void {
    signal.throwIfAborted();
    if (this.isStopping) throw new WorkerStoppingError();
  }

  /** Tells all attempts that the process can't wait for them. */
  abortAll(): void {
    for (const { abort } of this.inHand) abort.abort(new WorkerStoppingError());
  }
}

function keyOf({ id, attempt }: JobAttempt): string {
  return `${id} ${attempt}`;
}
