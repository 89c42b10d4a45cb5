export { ACCOUNT_STATUSES, type AccountStatus, isAccountStatus } from './account-status.js';
export { AccountsModule } from './accounts.module.js';
export type { AccountChange, NewAccount } from './accounts.repository.js';
export { AccountsService } from './accounts.service.js';
