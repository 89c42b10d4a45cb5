import { checkText, isEmail } from '../../ui/field-rules';
import type { FieldMessages } from '../../ui/use-form';
import type { CustomerInput } from './customers.api';
import { messages } from './messages';

const MOST = 255;

export function checkCustomer({ name, email }: CustomerInput): FieldMessages {
  return {
    name: checkText(name, MOST),
    email: checkText(email, MOST) ?? (isEmail(email.trim()) ? undefined : messages.emailWrong),
  };
}
