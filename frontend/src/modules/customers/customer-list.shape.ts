/** What the list of customers can be asked for, in its address. The first value of each is the default. */
export const CUSTOMER_LIST = {
  q: {},
  sort: { oneOf: ['-created_at', 'created_at', 'name', '-name', 'email', '-email'] },
  limit: { oneOf: ['25', '50', '100'] },
  cursor: {},
} as const;
