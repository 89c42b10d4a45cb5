/** Names of the two TypeORM data sources. With both named there is no default: every injection says which it means. */
export const PRIMARY = 'primary';
export const FOLLOWER = 'follower';
