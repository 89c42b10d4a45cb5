export const messages = {
  dashboard: 'Dashboard',
  totals: 'Totals',
  customers: 'Customers',
  accounts: 'Accounts',
  active: 'Active accounts',
  inactive: 'Inactive accounts',
  otherStatus: 'Suspended or pending',
  average: 'Accounts per customer',
  refresh: 'Refresh',
  emptyTitle: 'Nothing to count yet',
  empty: 'Totals appear here as soon as there is a first customer.',
  createFirst: 'Create a customer',
};
