/** The longest name and e-mail address, in characters as PostgreSQL counts them. */
export const MAX_CHARACTERS = 255;

/** What `<input type="email">` accepts, from the HTML standard. */
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const HTML_EMAIL = new RegExp(`^[a-zA-Z0-9.!#$%&'*+\\/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})*$`);

/** What is wrong with a text that must have `min` to `max` characters, in words that begin with the field's name; null if nothing is. */
export function charactersFault(field: string, value: unknown, min: number, max: number): string | null {
  if (value === undefined || value === null || value === '') return min > 0 ? `${field} is required` : null;
  if (typeof value !== 'string') return `${field} must be a string`;
  const isFine = value.length <= max * 2 && isBetween(countCharacters(value), min, max);
  return isFine ? null : `${field} must have ${min} to ${max} characters`;
}

/** What is wrong with an e-mail address, which must be one as browsers accept it, of at most 255 characters; null if nothing is. */
export function emailFault(field: string, value: unknown): string | null {
  if (value === undefined || value === null || value === '') return `${field} is required`;
  // The length first: what is shorter is matched in no time.
  const isFine = typeof value === 'string' && value.length <= MAX_CHARACTERS && HTML_EMAIL.test(value);
  return isFine ? null : `${field} must be an e-mail address of at most ${MAX_CHARACTERS} characters`;
}

/** Code points, like PostgreSQL counts: an emoji is one, although JavaScript's `length` says two. */
function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

function isBetween(count: number, min: number, max: number): boolean {
  return count >= min && count <= max;
}
