import { api } from '../api/client';
import { useSession } from './session';

/** Paths whose 401 means "wrong password", not "signed out". */
const CREDENTIAL_PATHS = new Set<string>(['/api/auth/login', '/api/auth/register']);

/** Sends the session's token with every call, and ends the session when the API no longer accepts it. */
export function sendTokenWithCalls(): void {
  const session = useSession();
  api.use({
    onRequest({ request, schemaPath }) {
      const token = session.validToken();
      if (token && !CREDENTIAL_PATHS.has(schemaPath)) request.headers.set('Authorization', `Bearer ${token}`);
    },
    onResponse({ response, schemaPath }) {
      if (response.status === 401 && !CREDENTIAL_PATHS.has(schemaPath)) session.expire();
    },
  });
}
