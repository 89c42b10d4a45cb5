/** A signed-in user's token, as kept between visits. */
export interface Session {
  token: string;
  username: string;
  /** Milliseconds since 1970 after which the API refuses the token. */
  expiresAt: number;
}

export const STORAGE_KEY = 'tandem.session';

/** Null for whatever is not a session that still holds: storage may have been edited, or written by another version. */
export function parseSession(stored: string | null, now: number): Session | null {
  try {
    const { token, username, expiresAt } = JSON.parse(stored ?? 'null') ?? {};
    const isSound = typeof token === 'string' && typeof username === 'string' && typeof expiresAt === 'number';
    return isSound && expiresAt > now ? { token, username, expiresAt } : null;
  } catch {
    return null;
  }
}

/** Without storage (private mode, blocked by policy) the session lasts as long as the page. */
export function readStored(): Session | null {
  try {
    return parseSession(localStorage.getItem(STORAGE_KEY), Date.now());
  } catch {
    return null;
  }
}

export function writeStored(session: Session | null): void {
  try {
    if (session) localStorage.setItem(STORAGE_KEY, JSON.stringify(session));
    else localStorage.removeItem(STORAGE_KEY);
  } catch {
    // The session lives on in memory.
  }
}
