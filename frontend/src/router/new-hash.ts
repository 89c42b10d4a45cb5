import { computed } from 'vue';
import { useRoute, useRouter } from 'vue-router';

const NEW = '#new';

/** A page's "new …" dialog, open while the address ends in `#new`: it can be linked to, and Back closes it. */
export function useNewHash() {
  const route = useRoute();
  const router = useRouter();
  const isOpen = computed(() => route.hash === NEW);
  return {
    isOpen,
    open: () => void router.push({ query: route.query, hash: NEW }),
    close: () => void router.replace({ query: route.query, hash: '' }),
  };
}
