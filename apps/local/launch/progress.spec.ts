import { describe, expect, it } from 'vitest';
import { createProgress } from './progress.mjs';

function record(isTTY: boolean) {
  const written: string[] = [];
  let time = 0;
  const progress = createProgress({ isTTY, columns: 60, write: (text) => written.push(text) }, () => time);
  return {
    progress,
    written,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
  };
}

describe('progress', () => {
  it('is plain lines where nobody watches', async () => {
    const { progress, written, pass } = record(false);
    const result = await progress.step('Building', async (note) => {
      note('half way');
      pass(2_500);
      return 7;
    });
    expect(result).toBe(7);
    expect(written).toEqual(['Building …\n', '  half way\n', 'Building: done after 2.5 s\n']);
  });

  it('is one line that moves on a terminal, and stays with the time it took', async () => {
    const { progress, written, pass } = record(true);
    await progress.step('Building', async (note) => {
      pass(1_000);
      note('half way');
      progress.say('by the way');
    });
    expect(written.join('')).toContain('\r\x1b[2K⠋ Building … 1.0 s  half way');
    expect(written).toContain('by the way\n');
    expect(written.at(-1)).toBe('✓ Building (1.0 s)\n');
  });

  it('says what was broken off and passes the failure on', async () => {
    const { progress, written } = record(false);
    const failing = progress.step('Building', async () => {
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(written.at(-1)).toBe('Building: broken off after 0.0 s\n');
  });
});
