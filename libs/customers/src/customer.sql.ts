import { jsonTime } from '@app/database';

/**
 * A customer as the frozen wire format has it: these keys in this order, times with six digits. The database builds the
 * text, and single customers, pages, whole lists and answers to writes all send this one expression's bytes.
 * Names and e-mail addresses of adopted rows may be NULL, hence `coalesce`.
 */
export const CUSTOMER_JSON = `'{"id":' || id
  || ',"name":' || coalesce(to_json(name)::text, 'null')
  || ',"email":' || coalesce(to_json(email)::text, 'null')
  || ',"created_at":"' || ${jsonTime('created_at')}
  || '","updated_at":"' || ${jsonTime('updated_at')} || '"}'`;
