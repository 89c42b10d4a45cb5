/**
 * Where to go after signing in: the path that was asked for, or the start. Only paths of this application are taken,
 * so that a link cannot send someone to another site with a fresh session.
 */
export function destinationOf(next: unknown): string {
  const isOwnPath = typeof next === 'string' && /^\/(?![/\\])/.test(next) && !next.startsWith('/sign-in');
  return isOwnPath ? next : '/';
}
