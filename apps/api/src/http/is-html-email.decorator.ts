import { registerDecorator } from 'class-validator';

/** What `<input type="email">` accepts, from the HTML standard. */
const LABEL = '[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?';
const HTML_EMAIL = new RegExp(`^[a-zA-Z0-9.!#$%&'*+\\/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})*$`);

/** An e-mail address as browsers accept it, of at most 255 characters. */
export function IsHtmlEmail(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'email',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && value.length <= 255 && HTML_EMAIL.test(value),
        defaultMessage: ({ property: name, value } = { property: '' } as never) =>
          value === undefined || value === null || value === ''
            ? `${name} is required`
            : `${name} must be an e-mail address of at most 255 characters`,
      },
    });
}
