import { jsonTime } from '@app/database';

/** An account as the frozen wire format has it; see CUSTOMER_JSON for why the database builds the text. */
export const ACCOUNT_JSON = `'{"id":' || id
  || ',"customer_id":' || coalesce(customer_id::text, 'null')
  || ',"name":' || coalesce(to_json(name)::text, 'null')
  || ',"status":' || coalesce(to_json(status)::text, 'null')
  || ',"created_at":"' || ${jsonTime('created_at')}
  || '","updated_at":"' || ${jsonTime('updated_at')} || '"}'`;
