import { checkText, lengthOf } from '../../ui/field-rules';
import type { FieldMessages } from '../../ui/use-form';
import { messages } from './messages';

const MOST = 255;
const LEAST_PASSWORD = 8;

interface Credentials {
  username: string;
  password: string;
}

export function checkCredentials({ username, password }: Credentials): FieldMessages {
  return { username: checkText(username, MOST), password: password === '' ? checkText('', MOST) : undefined };
}

/** As the API asks of a new password; it refuses more (the commonest ones), which is told by its answer. */
export function checkNewCredentials(credentials: Credentials): FieldMessages {
  const wrong = checkCredentials(credentials);
  const isShort = lengthOf(credentials.password) < LEAST_PASSWORD;
  return { ...wrong, password: wrong.password ?? (isShort ? messages.passwordTooShort : undefined) };
}
