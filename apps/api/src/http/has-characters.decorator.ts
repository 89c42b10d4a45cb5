import { charactersFault } from '@app/customers';
import { registerDecorator } from 'class-validator';

/** A text of `min` to `max` characters; the rule is `charactersFault`, which imports share. */
export function HasCharacters(min: number, max: number): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'length',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => typeof value === 'string' && charactersFault('', value, min, max) === null,
        defaultMessage: ({ property: name, value } = { property: '' } as never) =>
          charactersFault(name, value, min, max) ?? `${name} is required`,
      },
    });
}
