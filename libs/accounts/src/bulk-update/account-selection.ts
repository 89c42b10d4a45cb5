import type { ListFilters } from '@app/database';

/** Some of an organization's accounts: those with the ids, or those that the list's filters let through. */
export interface AccountSelection {
  ids?: number[] | undefined;
  filters?: ListFilters | undefined;
}
