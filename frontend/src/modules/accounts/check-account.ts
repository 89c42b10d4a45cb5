import { checkText } from '../../ui/field-rules';
import type { FieldMessages } from '../../ui/use-form';
import { messages } from './messages';

const MOST = 255;

export function checkAccount({ name, customer_id }: { name: string; customer_id: number | null }): FieldMessages {
  return { customer_id: customer_id ? undefined : messages.chooseCustomer, name: checkText(name, MOST) };
}
