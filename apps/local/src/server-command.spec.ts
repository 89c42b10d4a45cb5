import { describe, expect, it } from 'vitest';
import { parseServerCommand } from './server-command.js';

describe('parseServerCommand', () => {
  it('reads which follower, where one is named', () => {
    expect(parseServerCommand(['follower', 'stop'])).toEqual({ role: 'follower', action: 'stop' });
    expect(parseServerCommand(['follower', 'start', '2', '--data', 'd'])).toMatchObject({ number: 2, data: 'd' });
    expect(parseServerCommand(['follower', 'undrain', '12'])).toMatchObject({ action: 'undrain', number: 12 });
    expect(parseServerCommand(['primary', 'status'])).toMatchObject({ role: 'primary', action: 'status' });
  });

  it.each([
    [[]],
    [['follower']],
    [['follower', 'kill']],
    [['follower', 'stop', '0']],
    [['follower', 'stop', '1', '2']],
    [['primary', 'stop', '1']],
    [['primary', 'drain']],
    [['follower', 'drain', 'x']],
    [['worker', 'stop']],
    [['follower', 'stop', '--hard']],
  ])('explains itself on %j', (words) => {
    expect(() => parseServerCommand(words)).toThrow('Usage: npm run follower -- start|stop|status|drain|undrain [K]');
  });
});
