import { describe, expect, it } from 'vitest';
import { parsePostmasterFile } from './postmaster-file.js';

describe('parsePostmasterFile', () => {
  it('reads what a server that is ready has written', () => {
    const text = '4711\n/data/primary\n1763800000\n15432\n\n127.0.0.1\n   123456    7\nready   \n';
    expect(parsePostmasterFile(text)).toEqual({
      pid: 4711,
      port: 15432,
      sharedMemory: { key: 123456, id: 7 },
      ready: true,
    });
  });

  it('reads the first lines of a server that has only begun', () => {
    expect(parsePostmasterFile('4711\n/data/primary\n')).toEqual({
      pid: 4711,
      port: null,
      sharedMemory: null,
      ready: false,
    });
  });

  it('believes no file without a process id', () => {
    expect(parsePostmasterFile('')).toBeNull();
    expect(parsePostmasterFile('garbage\n')).toBeNull();
  });
});
