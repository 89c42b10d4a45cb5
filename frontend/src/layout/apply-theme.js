// Runs before the first paint, so that no page flashes in the wrong theme. theme.ts keeps it right afterwards.
(() => {
  let choice = null;
  try {
    choice = localStorage.getItem('tandem.theme');
  } catch {
    // Storage is blocked: the system's theme it is.
  }
  const isSystemDark = matchMedia('(prefers-color-scheme: dark)').matches;
  const isDark = choice === 'dark' || (choice !== 'light' && isSystemDark);
  document.documentElement.dataset.bsTheme = isDark ? 'dark' : 'light';
})();
