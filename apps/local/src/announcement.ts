import type { StackState } from './stack-state.js';

/** What is printed once everything is ready. */
export function announcement(
  state: StackState,
  log: string,
  adminPassword: string | undefined,
  dataArgument: string,
): string {
  const followers = state.follower_urls.length;
  const own = state.data_directories[0]?.replace(/\/primary$/, '');
  const databases = `primary and ${followers === 0 ? 'no follower' : followers === 1 ? '1 follower' : `${followers} followers`}`;
  const rows = [
    ['Application', state.api_url],
    ['API', `${state.api_url}/api, described at ${state.api_url}/swagger/index.html`],
    ['Sign in', `admin / ${adminPassword === undefined ? 'admin123' : '(SEED_ADMIN_PASSWORD)'}`],
    ['Databases', own === undefined ? `${databases}, as DATABASE_URL says` : `${databases} in ${own}`],
    ['Logs', log],
    ...(own !== undefined && followers > 0 ? [['Try', `npm run follower -- stop${dataArgument}, then start`]] : []),
    ['Stop', own === undefined ? 'Ctrl-C' : 'Ctrl-C; the data are kept'],
  ];
  return ['', 'Tandem is ready.', '', ...rows.map(([name = '', text]) => `  ${name.padEnd(13)}${text}`), ''].join('\n');
}
