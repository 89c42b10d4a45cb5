import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { NoAnswerError, ServerProbe, type ServerSighting } from './server-probe.js';
import { ServerWatch, type Verdict } from './server-watch.js';

const SIGHTING: ServerSighting = {
  systemId: '7400000000000000001',
  timeline: 1,
  isInRecovery: true,
  lsn: 1n,
  segmentSize: 16_777_216,
  askedAt: 0,
};
const REFUSED = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

/** A probe without a network: each look takes a time, may keep the process from doing anything else, and ends so. */
class ScriptedProbe extends ServerProbe {
  looks = 0;
  isClosed = false;

  constructor(private readonly script: { tookMs?: number; blockedMs?: number; outcome?: Error }) {
    super({}, 400);
  }

  override async look(): Promise<ServerSighting> {
    this.looks += 1;
    const { tookMs = 0, blockedMs = 0, outcome } = this.script;
    await new Promise((resolve) => setTimeout(resolve, tookMs));
    // As if the event loop had stood still: the clock goes on and no timer fires.
    skipped += blockedMs;
    if (outcome) throw outcome;
    return SIGHTING;
  }

  override close(): void {
    this.isClosed = true;
  }
}

/** What the monotonic clock shows beyond the fake one. */
let skipped = 0;
let watch: ServerWatch;

beforeEach(() => {
  skipped = 0;
  vi.useFakeTimers();
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + skipped);
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  watch.stop();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function watching(probe: ServerProbe) {
  const told: Verdict[] = [];
  const counts = { discarded: 0 };
  watch = new ServerWatch(
    probe,
    { intervalMs: 250, blockedLimitMs: 200 },
    (verdict) => void told.push(verdict),
    () => void counts.discarded++,
  );
  watch.start();
  return { told, counts };
}

describe('a watch', () => {
  test('tells what each look came to and how long it took', async () => {
    const { told } = watching(new ScriptedProbe({ tookMs: 40 }));
    await vi.advanceTimersByTimeAsync(40);
    expect(told).toEqual([{ kind: 'seen', sighting: SIGHTING, seconds: 0.04 }]);
  });

  test('tells why one failed, in short and in words', async () => {
    const { told } = watching(new ScriptedProbe({ outcome: new NoAnswerError() }));
    await vi.advanceTimersByTimeAsync(1);
    expect(told[0]).toMatchObject({ kind: 'missed', cause: 'no-answer', detail: 'The server did not answer in time' });
  });

  test.each([
    [0, 200],
    [0.5, 250],
    [0.999, 299],
  ])('pauses between two looks, by chance (%d) for %i ms', async (chance, pauseMs) => {
    vi.mocked(Math.random).mockReturnValue(chance);
    const probe = new ScriptedProbe({});
    watching(probe);
    await vi.advanceTimersByTimeAsync(pauseMs - 1);
    expect(probe.looks).toBe(1);
    await vi.advanceTimersByTimeAsync(3);
    expect(probe.looks).toBe(2);
  });

  test('pauses longer for as long as it is told to', async () => {
    const probe = new ScriptedProbe({});
    watching(probe);
    watch.slowDown(4);
    await vi.advanceTimersByTimeAsync(990);
    expect(probe.looks).toBe(1);
    watch.slowDown(1);
    await vi.advanceTimersByTimeAsync(270);
    expect(probe.looks).toBe(3);
  });

  test('looks at once when it is hurried, and not twice at a time', async () => {
    const probe = new ScriptedProbe({ tookMs: 50 });
    watching(probe);
    watch.hurry();
    await vi.advanceTimersByTimeAsync(60);
    expect(probe.looks).toBe(1);
    watch.hurry();
    watch.hurry();
    await vi.advanceTimersByTimeAsync(1);
    expect(probe.looks).toBe(2);
    await vi.advanceTimersByTimeAsync(100);
    expect(probe.looks).toBe(2);
  });

  test('tells nothing any more once it was stopped, and leaves no timer', async () => {
    const probe = new ScriptedProbe({ tookMs: 50 });
    const { told } = watching(probe);
    await vi.advanceTimersByTimeAsync(10);
    watch.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    expect([told, probe.looks, probe.isClosed]).toEqual([[], 1, true]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a look during which this process was blocked', () => {
  test('for longer than the limit counts for nothing where it failed', async () => {
    const { told, counts } = watching(new ScriptedProbe({ blockedMs: 300, outcome: new NoAnswerError() }));
    await vi.advanceTimersByTimeAsync(1);
    expect([told, counts.discarded]).toEqual([[], 1]);
  });

  test.each([
    ['for less than the limit', 150, new NoAnswerError(), 'missed'],
    ['and was refused, which no blocked process makes up', 300, REFUSED, 'missed'],
    ['and found the server', 300, undefined, 'seen'],
  ])('counts where it was blocked %s', async (_case, blockedMs, outcome, kind) => {
    const { told, counts } = watching(new ScriptedProbe({ blockedMs, outcome }));
    await vi.advanceTimersByTimeAsync(1);
    expect([told.map((verdict) => verdict.kind), counts.discarded]).toEqual([[kind], 0]);
  });

  test('may be one of many: a process that is always blocked gives nobody up', async () => {
    const { told, counts } = watching(new ScriptedProbe({ blockedMs: 1_000, outcome: new NoAnswerError() }));
    for (let round = 0; round < 20; round += 1) await vi.advanceTimersByTimeAsync(260);
    expect(told).toEqual([]);
    expect(counts.discarded).toBeGreaterThanOrEqual(20);
  });
});
