import { describe, expect, it } from 'vitest';
import { renderSettings } from './server-settings.js';

describe('renderSettings', () => {
  it('quotes every value as PostgreSQL reads it', () => {
    const text = renderSettings({ port: 1, jit: false, path: `it's C:\\x` });
    expect(text.split('\n').slice(1, -1)).toEqual([`port = '1'`, `jit = 'off'`, `path = 'it''s C:\\\\x'`]);
  });
});
