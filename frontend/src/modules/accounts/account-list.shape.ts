/** What can become of an account, in the order in which it is offered. */
export const ACCOUNT_STATUSES = ['active', 'inactive', 'suspended', 'pending'] as const;

/** What a list of accounts can be asked for, in its address. The first value of each is the default. */
export const ACCOUNT_LIST = {
  q: {},
  status: { oneOf: ['', ...ACCOUNT_STATUSES] },
  customer_id: {},
  sort: { oneOf: ['-created_at', 'created_at', 'name', '-name'] },
  limit: { oneOf: ['25', '50', '100'] },
  cursor: {},
} as const;
