import { jsonTime } from '../../listing/json-time.js';
import type { LoggedTable } from './logged-table.js';

const name = (column: string) => `coalesce(to_json(${column})::text, 'null')`;
const time = (column: string) => `"' || ${jsonTime(column)} || '"`;

/**
 * What the log tells from the beginning. The JSON is that of the API at the time of this migration, down to the byte
 * (change-log.int-spec.ts compares); if an answer changes, a later migration replaces the function.
 */
export const LOGGED_TABLES: readonly LoggedTable[] = [
  {
    table: 'customers',
    entity: 'customer',
    json: (
      row,
    ) => `'{"id":' || ${row}.id || ',"name":' || ${name(`${row}.name`)} || ',"email":' || ${name(`${row}.email`)}
      || ',"created_at":${time(`${row}.created_at`)},"updated_at":${time(`${row}.updated_at`)}}'`,
  },
  {
    table: 'accounts',
    entity: 'account',
    json: (row) => `'{"id":' || ${row}.id || ',"customer_id":' || coalesce(${row}.customer_id::text, 'null')
      || ',"name":' || ${name(`${row}.name`)} || ',"status":' || ${name(`${row}.status`)}
      || ',"created_at":${time(`${row}.created_at`)},"updated_at":${time(`${row}.updated_at`)}}'`,
  },
  {
    table: 'users',
    entity: 'user',
    json: (
      row,
    ) => `'{"id":' || ${row}.id || ',"username":' || ${name(`${row}.username`)} || ',"role":' || ${name(`${row}.role`)}
      || ',"is_operator":' || ${row}.is_operator || ',"created_at":${time(`${row}.created_at`)}}'`,
  },
  {
    table: 'organizations',
    entity: 'organization',
    organization: (row) => `${row}.id`,
    json: (row) => `'{"id":' || ${row}.id || ',"name":' || ${name(`${row}.name`)}
      || ',"created_at":${time(`(${row}.created_at AT TIME ZONE 'UTC')`)}}'`,
  },
];

/**
 * Deletes a customer's accounts before the customer itself. Left to the foreign key, PostgreSQL would delete them after the
 * statement on the customers has been logged.
 */
export const ACCOUNTS_FIRST = [
  `CREATE FUNCTION delete_accounts_first() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM public.accounts WHERE customer_id = OLD.id;
  RETURN OLD;
END $$`,
  `CREATE TRIGGER delete_accounts_first BEFORE DELETE ON customers
    FOR EACH ROW EXECUTE FUNCTION delete_accounts_first()`,
];
