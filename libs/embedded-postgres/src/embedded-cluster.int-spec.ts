import { describe, expect, it } from 'vitest';
import { createTestDatabase, untilFollowerCaughtUp } from '../../../test/support/test-database.js';

describe('createTestDatabase', () => {
  it('makes a database that is there on the follower too', async () => {
    const database = await createTestDatabase();
    await untilFollowerCaughtUp(database);
    expect(database.followerUrl).not.toBe(database.primaryUrl);
    await database.drop();
  });
});
