/** The statuses that an account can be given. Adopted rows may hold others: they are kept, and counted in totals. */
export const ACCOUNT_STATUSES = ['active', 'inactive', 'suspended', 'pending'] as const;

export type AccountStatus = (typeof ACCOUNT_STATUSES)[number];

export function isAccountStatus(value: string): value is AccountStatus {
  return (ACCOUNT_STATUSES as readonly string[]).includes(value);
}
