import { ref, watchEffect } from 'vue';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

/** The same name as in apply-theme.js. */
const STORAGE_KEY = 'tandem.theme';

const isTheme = (value: unknown): value is Theme => THEMES.some((theme) => theme === value);

function readStored(): Theme {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return isTheme(stored) ? stored : 'system';
  } catch {
    return 'system';
  }
}

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = ref(systemIsDark.matches);
const theme = ref<Theme>(readStored());

systemIsDark.addEventListener('change', ({ matches }) => {
  isSystemDark.value = matches;
});

watchEffect(() => {
  const isDark = theme.value === 'dark' || (theme.value === 'system' && isSystemDark.value);
  document.documentElement.dataset.bsTheme = isDark ? 'dark' : 'light';
});

function choose(chosen: string): void {
  theme.value = isTheme(chosen) ? chosen : 'system';
  try {
    localStorage.setItem(STORAGE_KEY, theme.value);
  } catch {
    // It holds until the page is left.
  }
}

/** Light, dark, or whatever the system shows, also when that changes in the evening. */
export function useTheme() {
  return { theme, choose };
}
