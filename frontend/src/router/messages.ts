export const messages = {
  notFoundTitle: 'Page not found',
  notFoundText: 'There is nothing at this address. It may have been mistyped, or the page has moved.',
  toDashboard: 'Go to the dashboard',
};
