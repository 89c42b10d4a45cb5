/** Moves the focus to the page's heading, as a change of page does in a document: screen readers then read it out. */
export function focusPageTitle(): void {
  document.querySelector<HTMLElement>('h1')?.focus();
}
