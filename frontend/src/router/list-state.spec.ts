import { describe, expect, it } from 'vitest';
import { readListState, writeListState } from './list-state';

const SHAPE = { q: {}, sort: { oneOf: ['-created_at', 'name'] }, limit: { oneOf: ['25', '50'] }, cursor: {} } as const;

describe('a list in the address', () => {
  it('has its defaults where the address says nothing', () => {
    expect(readListState({}, SHAPE)).toEqual({ q: '', sort: '-created_at', limit: '25', cursor: '' });
  });

  it('has its defaults where the address says what cannot be', () => {
    expect(readListState({ sort: 'drop table', limit: '100000', q: ['a', 'b'] }, SHAPE)).toMatchObject({
      q: 'a',
      sort: '-created_at',
      limit: '25',
    });
  });

  it('writes only what is not the default, and leaves alone what is not the list’s', () => {
    expect(writeListState({ tab: 'x' }, SHAPE, { q: 'ada', sort: '-created_at' })).toEqual({ tab: 'x', q: 'ada' });
  });

  it('keeps search and sort when it goes to another page', () => {
    expect(writeListState({ q: 'ada', sort: 'name' }, SHAPE, { cursor: 'c' })).toEqual({
      q: 'ada',
      sort: 'name',
      cursor: 'c',
    });
  });

  it('starts from the first page when anything but the page changes', () => {
    expect(writeListState({ q: 'ada', cursor: 'c' }, SHAPE, { sort: 'name' })).toEqual({ q: 'ada', sort: 'name' });
  });
});
