import { describe, expect, test } from 'vitest';
import { createLogger } from './logger.js';

const SECRET = '$argon2id$v=19$m=19456,t=2,p=1$salt$hash';

function linesOf(write: (logger: ReturnType<typeof createLogger>) => void): string {
  let text = '';
  write(createLogger({ level: 'info', name: 'test' }, { write: (line) => (text += line) }));
  return text;
}

/** As TypeORM throws it. */
function failedStatement(): Error {
  const query = 'INSERT INTO users (username, password_hash) VALUES ($1, $2)';
  return Object.assign(new Error('disk full'), { query, parameters: ['jane', SECRET] });
}

describe('the log', () => {
  test("tells of a failed statement without the values in it, the error's or its cause's", () => {
    const text = linesOf((logger) => {
      logger.error({ err: failedStatement() }, 'request failed');
      logger.error({ err: new Error('outer', { cause: failedStatement() }), cause: failedStatement() }, 'again');
    });
    expect(text.split('\n').filter(Boolean)).toHaveLength(2);
    expect(text).toContain('disk full');
    expect(text).not.toContain(SECRET);
  });

  test('is a line of JSON an event, whatever is in it', () => {
    const text = linesOf((logger) => logger.info({ path: '/a\n{"level":50}' }, 'request\r\nforged'));
    expect(text.split('\n').filter(Boolean)).toHaveLength(1);
    expect(JSON.parse(text)).toMatchObject({ path: '/a\n{"level":50}', message: 'request\r\nforged' });
  });
});
