import { nextTick, watch } from 'vue';
import type { Router } from 'vue-router';
import { queryClient } from '../api/query-client';
import { useSession } from '../session/session';
import { focusPageTitle } from '../ui/focus';
import { destinationOf } from './destination';

/** Who may see which page, where the loss of a session leads, and what a change of page does to title and focus. */
export function guard(router: Router): void {
  const session = useSession();
  let lastWanted = '/';

  router.beforeEach((to) => {
    if (!to.meta.isPublic) lastWanted = to.fullPath;
    const isSignedIn = session.validToken() !== undefined;
    if (!isSignedIn && !to.meta.isPublic) return { name: 'sign-in', query: { next: to.fullPath } };
    if (isSignedIn && to.meta.isPublic) return destinationOf(to.query.next);
    return true;
  });

  router.afterEach((to, from) => {
    document.title = `${to.meta.title} · Tandem`;
    // A filter or a page of the same list is no new place: the focus stays where it is.
    if (from.matched.length > 0 && to.path !== from.path) void nextTick(focusPageTitle);
  });

  watch(session.isSignedIn, (isSignedIn) => {
    if (isSignedIn) return;
    queryClient.clear();
    const query = session.hasExpired.value ? { next: lastWanted } : {};
    if (!router.currentRoute.value.meta.isPublic) void router.push({ name: 'sign-in', query });
  });
}
