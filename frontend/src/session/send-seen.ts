import { watch } from 'vue';
import { api } from '../api/client';
import { tokenAfter } from '../api/consistency-token';
import { useSession } from './session';

const HEADER = 'X-Consistency-Token';

/**
 * Sends with every call how far this session has seen the data, so that whichever server answers knows at least its own
 * changes. Kept in memory: it is forgotten with the session, and a page that is loaded anew has seen nothing.
 */
export function sendSeenWithCalls(): void {
  const { isSignedIn } = useSession();
  let held: string | null = null;
  watch(isSignedIn, () => {
    held = null;
  });

  api.use({
    onRequest({ request }) {
      if (held !== null) request.headers.set(HEADER, held);
    },
    async onResponse({ request, response }) {
      const sent = request.headers.get(HEADER);
      const isReset = response.headers.get('X-Consistency') === 'reset';
      held = tokenAfter(held, { token: response.headers.get(HEADER), isReset, sent });
      // A token that the API cannot read, as after a change of its form, must not make every further call fail.
      if (held === sent && (await isRefusedToken(response))) held = null;
    },
  });
}

async function isRefusedToken(response: Response): Promise<boolean> {
  if (response.status !== 400) return false;
  const body: { code?: unknown } | null = await response
    .clone()
    .json()
    .catch(() => null);
  return body?.code === 'invalid_consistency_token';
}
