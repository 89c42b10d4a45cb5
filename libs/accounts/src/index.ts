export { ACCOUNT_STATUSES, type AccountStatus, isAccountStatus } from './account-status.js';
export { AccountsModule } from './accounts.module.js';
export type { AccountChange, NewAccount } from './accounts.repository.js';
export { AccountsService } from './accounts.service.js';
export {
  AccountBulkUpdates,
  type BulkUpdate,
  type BulkUpdateState,
} from './bulk-update/account-bulk-updates.service.js';
export type { AccountSelection } from './bulk-update/account-selection.js';
