import { describe, expect, it } from 'vitest';
import { lastComplaint } from './server-words.js';

describe('lastComplaint', () => {
  it('is the last thing the server complained of, without time and process', () => {
    const output = [
      '2026-11-22 10:00:00.000 UTC [7] LOG:  starting PostgreSQL',
      '2026-11-22 10:00:00.001 UTC [7] FATAL:  could not write lock file "postmaster.pid": No space left on device',
      '2026-11-22 10:00:00.002 UTC [7] LOG:  database system is shut down',
    ].join('\n');
    expect(lastComplaint(output)).toBe('could not write lock file "postmaster.pid": No space left on device');
  });

  it('says which port was taken rather than that no socket could be made', () => {
    const output = [
      '2026 UTC [7] LOG:  could not bind IPv4 address "127.0.0.1": Address already in use',
      '2026 UTC [7] FATAL:  could not create any TCP/IP sockets',
    ].join('\n');
    expect(lastComplaint(output)).toBe('could not bind IPv4 address "127.0.0.1": Address already in use');
  });

  it('has words for a server that said nothing', () => {
    expect(lastComplaint('')).toBe('it ended without a word');
  });
});
