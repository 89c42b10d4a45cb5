import { ask } from '../support/questions.js';

/** Makes a follower fall behind: it goes on receiving and shows nothing new. Resolves once it has stopped replaying. */
export async function pauseReplay(followerUrl: string): Promise<void> {
  await ask(followerUrl, 'SELECT pg_wal_replay_pause()');
  const limit = performance.now() + 10_000;
  for (;;) {
    const { state } = await ask(followerUrl, 'SELECT pg_get_wal_replay_pause_state() AS state');
    if (state === 'paused') return;
    if (performance.now() > limit) throw new Error(`Replay is ${state}`);
  }
}

/** Lets it catch up; does nothing when it replays. */
export async function resumeReplay(followerUrl: string): Promise<void> {
  await ask(followerUrl, 'SELECT pg_wal_replay_resume()');
}
