import { registerDecorator } from 'class-validator';

/**
 * A text of `min` to `max` characters, counted as code points like PostgreSQL counts them (an emoji is one, although
 * JavaScript's `length` says two).
 */
export function HasCharacters(min: number, max: number): PropertyDecorator {
  return (target, property) =>
    registerDecorator({
      name: 'length',
      target: target.constructor,
      propertyName: String(property),
      validator: {
        validate: (value: unknown) => {
          if (typeof value !== 'string') return false;
          const count = [...value].length;
          return count >= min && count <= max;
        },
        defaultMessage: ({ property: name, value } = { property: '' } as never) => {
          if (value === undefined || value === null || value === '') return `${name} is required`;
          if (typeof value !== 'string') return `${name} must be a string`;
          return `${name} must have ${min} to ${max} characters`;
        },
      },
    });
}
