export const messages = {
  name: 'Tandem',
  mainNavigation: 'Main',
  dashboard: 'Dashboard',
  customers: 'Customers',
  accounts: 'Accounts',
  system: 'System',
  signOut: 'Sign out',
  theme: 'Theme',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  toSystem: 'See the system page',
  health: {
    'primary-down':
      'The primary database is down. Nothing can be saved until it is back; analytics may still answer from the follower.',
    'follower-down':
      'The follower database is unreachable. Analytics are read from the primary meanwhile; nothing is lost.',
    unreachable: 'The server does not answer. What is shown may be out of date; this page tries again by itself.',
    offline: 'This device is offline. What is shown may be out of date.',
  },
};
