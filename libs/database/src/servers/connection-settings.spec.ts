import { describe, expect, test } from 'vitest';
import { connectionSettings, type SessionSettings, sslOptions } from './connection-settings.js';

const SESSION: SessionSettings = {
  applicationName: 'tandem-test',
  connectTimeoutMs: 500,
  statementTimeoutMs: 15_000,
  readOnly: false,
};

describe('connectionSettings', () => {
  test('takes the parts of a URL, percent escapes undone', () => {
    expect(connectionSettings('postgres://us%40er:p%3A%2F%25s@db.internal:5433/my%20db', SESSION)).toMatchObject({
      host: 'db.internal',
      port: 5433,
      user: 'us@er',
      password: 'p:/%s',
      database: 'my db',
      application_name: 'tandem-test',
      connectionTimeoutMillis: 500,
      keepAlive: true,
    });
  });

  test('leaves out what the URL does not say, so that the defaults of pg apply', () => {
    const { port, database } = connectionSettings('postgres://db', SESSION);
    expect({ port, database }).toEqual({ port: undefined, database: undefined });
  });

  test('takes IPv6 addresses without their brackets and sockets by their directory', () => {
    expect(connectionSettings('postgres://u@[::1]:5433/db', SESSION).host).toBe('::1');
    expect(connectionSettings('postgres:///db?host=/run/postgresql', SESSION).host).toBe('/run/postgresql');
  });

  test('limits statements and idle transactions, and speaks UTC', () => {
    expect(connectionSettings('postgres://db/x', SESSION).options).toBe(
      '-c statement_timeout=15000 -c idle_in_transaction_session_timeout=60000 -c timezone=UTC',
    );
    expect(connectionSettings('postgres://db/x', { ...SESSION, statementTimeoutMs: 0 }).options).toContain(
      '-c statement_timeout=0 ',
    );
  });

  test('makes sessions that may reach a follower read-only', () => {
    expect(connectionSettings('postgres://db/x', { ...SESSION, readOnly: true }).options).toContain(
      '-c default_transaction_read_only=on',
    );
    expect(connectionSettings('postgres://db/x', SESSION).options).not.toContain('read_only');
  });

  test("puts the URL's own options last, where they win, with TLS options beside them", () => {
    const { options, ssl } = connectionSettings(
      'postgres://db/x?sslmode=require&options=-c%20work_mem%3D64MB',
      SESSION,
    );
    expect(options).toMatch(/ -c work_mem=64MB$/);
    expect(ssl).toEqual({ rejectUnauthorized: false });
  });
});

describe('the TLS options of a URL', () => {
  test.each([
    ['', false],
    ['?sslmode=disable', false],
    ['?sslmode=allow', false],
    ['?sslmode=prefer', false],
    ['?sslmode=require', { rejectUnauthorized: false }],
    ['?application_name=x&sslmode=require', { rejectUnauthorized: false }],
  ])('"%s" is %o', (query, expected) => {
    expect(sslOptions(`postgres://db/x${query}`)).toEqual(expected);
  });

  test.each(['verify-ca', 'verify-full'])('%s never accepts a certificate that does not verify', (mode) => {
    const ssl = sslOptions(`postgres://db/x?sslmode=${mode}`);
    expect(ssl).toBeTypeOf('object');
    expect(ssl).not.toMatchObject({ rejectUnauthorized: false });
  });
});
