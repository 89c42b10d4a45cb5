import { onBeforeUnmount, onMounted } from 'vue';

const TEXT_ENTRY = 'input, textarea, select, [contenteditable]';

/** Runs `go` on `/`, except while someone writes or a dialog is open, where it is a character like any other. */
export function useSlashKey(go: () => void): void {
  function onKeydown(event: KeyboardEvent): void {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target instanceof Element && event.target.closest(TEXT_ENTRY)) return;
    if (document.querySelector('dialog[open]')) return;
    event.preventDefault();
    go();
  }
  onMounted(() => document.addEventListener('keydown', onKeydown));
  onBeforeUnmount(() => document.removeEventListener('keydown', onKeydown));
}
