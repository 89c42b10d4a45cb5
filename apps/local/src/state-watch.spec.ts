import { describe, expect, it } from 'vitest';
import { describeChanges } from './state-watch.js';

const pids = { api: 1, worker: 2, primary: 3, followers: [4, null] };

describe('describeChanges', () => {
  it('says which databases stopped, came back or are others than before', () => {
    expect(describeChanges(pids, { ...pids, primary: null, followers: [9, 5] })).toEqual([
      'The primary has stopped.',
      'The follower 1 was started anew.',
      'The follower 2 runs again.',
    ]);
  });

  it('says nothing of the services, which are started again with a word of their own', () => {
    expect(describeChanges(pids, { ...pids, api: 7, worker: null })).toEqual([]);
  });
});
