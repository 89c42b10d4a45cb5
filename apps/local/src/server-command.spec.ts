import { describe, expect, it } from 'vitest';
import { parseServerCommand } from './server-command.js';

describe('parseServerCommand', () => {
  it('means the first follower unless told otherwise', () => {
    expect(parseServerCommand(['follower', 'stop'])).toEqual({ role: 'follower', action: 'stop', number: 1 });
    expect(parseServerCommand(['follower', 'start', '2', '--data', 'd'])).toMatchObject({ number: 2, data: 'd' });
    expect(parseServerCommand(['primary', 'status'])).toMatchObject({ role: 'primary', action: 'status' });
  });

  it.each([
    [[]],
    [['follower']],
    [['follower', 'kill']],
    [['follower', 'stop', '0']],
    [['follower', 'stop', '1', '2']],
    [['primary', 'stop', '1']],
    [['worker', 'stop']],
    [['follower', 'stop', '--hard']],
  ])('explains itself on %j', (words) => {
    expect(() => parseServerCommand(words)).toThrow('Usage: npm run follower -- start|stop|status [K]');
  });
});
