import { type MissCause, missCause } from './miss-cause.js';
import type { ServerProbe, ServerSighting } from './server-probe.js';

/** What one look at a server came to, and how many seconds it took. */
export type Verdict =
  | { kind: 'seen'; sighting: ServerSighting; seconds: number }
  | { kind: 'missed'; cause: MissCause; detail: string; seconds: number };

export interface WatchTimings {
  intervalMs: number;
  /** A verdict is thrown away when this process was blocked for longer than this while the probe ran. */
  blockedLimitMs: number;
}

/**
 * Looks at one server for as long as the process lives and tells each verdict, waiting for nothing that is done about
 * it: a server that falls silent in that moment would never be looked at again. The pause between looks is the interval
 * ± 20 %, so that many processes don't look in step; `slowDown` lengthens it while a server stays away.
 */
export class ServerWatch {
  private timer: NodeJS.Timeout | undefined;
  private isStopped = false;
  private wake: (() => void) | undefined;
  private pauseFactor = 1;

  constructor(
    private readonly probe: ServerProbe,
    private readonly timings: WatchTimings,
    private readonly onVerdict: (verdict: Verdict) => void,
    private readonly onDiscarded: () => void = () => undefined,
  ) {}

  start(): void {
    void this.run();
  }

  /** Looks at once instead of at the end of the pause: something just failed. */
  hurry(): void {
    this.wake?.();
  }

  slowDown(factor: number): void {
    this.pauseFactor = factor;
  }

  stop(): void {
    this.isStopped = true;
    clearTimeout(this.timer);
    this.wake?.();
    this.probe.close();
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      const verdict = await this.lookUnblocked();
      if (verdict && !this.isStopped) this.onVerdict(verdict);
      if (!this.isStopped) await this.pause();
    }
    this.probe.close();
  }

  private async lookUnblocked(): Promise<Verdict | undefined> {
    const lag = measureLag();
    const verdict = await this.look();
    const isBlocked = lag.stop() > this.timings.blockedLimitMs;
    if (verdict.kind === 'missed' && verdict.cause !== 'refused' && isBlocked) {
      this.onDiscarded();
      return undefined;
    }
    return verdict;
  }

  private async look(): Promise<Verdict> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1000;
    try {
      return { kind: 'seen', sighting: await this.probe.look(), seconds: seconds() };
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      return { kind: 'missed', cause: missCause(error), detail: code ?? message, seconds: seconds() };
    }
  }

  private pause(): Promise<void> {
    const jitter = 0.8 + Math.random() * 0.4;
    return new Promise<void>((resolve) => {
      this.wake = () => resolve();
      this.timer = setTimeout(resolve, this.timings.intervalMs * this.pauseFactor * jitter);
    }).then(() => {
      clearTimeout(this.timer);
      this.wake = undefined;
    });
  }
}

const LAG_TICK_MS = 50;

/** The longest time, in milliseconds, by which a 50 ms tick came late between the call and `stop`. */
function measureLag(): { stop(): number } {
  let last = performance.now();
  let worst = 0;
  const tick = (): void => {
    const now = performance.now();
    worst = Math.max(worst, now - last - LAG_TICK_MS);
    last = now;
  };
  const timer = setInterval(tick, LAG_TICK_MS);
  return {
    stop: () => {
      clearInterval(timer);
      tick();
      return worst;
    },
  };
}
