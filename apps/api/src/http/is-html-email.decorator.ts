import { emailFault } from '@app/customers';
import { registerDecorator } from 'class-validator';

/** An e-mail address as browsers accept it; the rule is `emailFault`, which imports share. */
export function IsHtmlEmail(): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'email',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => emailFault('', value) === null,
        defaultMessage: ({ property: name, value } = { property: '' } as never) => emailFault(name, value) ?? '',
      },
    });
}
