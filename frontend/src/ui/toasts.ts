import { readonly, ref } from 'vue';

export interface Toast {
  id: number;
  text: string;
}

const SHOWN_MS = 6_000;
const toasts = ref<Toast[]>([]);
let lastId = 0;

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

/** Says that something was done. Goes by itself, so never for what someone has to act on. */
export function showToast(text: string): void {
  lastId += 1;
  const id = lastId;
  toasts.value = [...toasts.value.slice(-2), { id, text }];
  setTimeout(() => dismiss(id), SHOWN_MS);
}

export function useToasts() {
  return { toasts: readonly(toasts), dismiss };
}
