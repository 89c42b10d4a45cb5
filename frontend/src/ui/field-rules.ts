import { messages } from './messages';

/** As HTML's `input type=email` accepts them, which is what the API accepts. */
const EMAIL =
  /^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;

export const isEmail = (text: string): boolean => EMAIL.test(text);

/** Lengths are counted in characters as people see them in a database, not in UTF-16 units. */
export const lengthOf = (text: string): number => [...text].length;

/** The message for a text that must be there and fit; undefined when it is sound. */
export function checkText(text: string, most: number): string | undefined {
  if (text.trim() === '') return messages.required;
  return lengthOf(text) > most ? messages.tooLong(most) : undefined;
}
