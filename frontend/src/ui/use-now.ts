import { onScopeDispose, readonly, ref } from 'vue';

/** The time in milliseconds since 1970, renewed every second (or as said) for as long as the component lives. */
export function useNow(everyMs = 1_000) {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, everyMs);
  onScopeDispose(() => clearInterval(timer));
  return readonly(now);
}
