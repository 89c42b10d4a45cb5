import { describe, expect, it } from 'vitest';
import { ApiError } from '../api/api-error';
import { fieldMessagesOf } from './use-form';

describe('a refusal beside the fields of a form', () => {
  it('takes the API’s word for each field', () => {
    const error = new ApiError('Validation failed', { status: 400, fields: { name: 'name must not be empty' } });
    expect(fieldMessagesOf(error)).toEqual({ name: 'name must not be empty' });
  });

  it('puts a refusal with a code of its own beside the field it is about', () => {
    const error = new ApiError('Email already exists', { status: 409, code: 'email_taken' });
    expect(fieldMessagesOf(error, { email_taken: 'email' })).toEqual({ email: 'Email already exists' });
  });

  it('has nothing for a field when the refusal is about none', () => {
    expect(fieldMessagesOf(new ApiError('', { status: 503 }), { email_taken: 'email' })).toEqual({});
    expect(fieldMessagesOf(new Error('a bug'))).toEqual({});
  });
});
