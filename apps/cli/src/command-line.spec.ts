import { describe, expect, it } from 'vitest';
import { parseCommandLine } from './command-line.js';

const parse = (line: string) => parseCommandLine(line.split(' ').filter(Boolean));

describe('parseCommandLine', () => {
  it('reads commands with their options wherever these stand', () => {
    expect(parse('migrate')).toEqual({ command: 'migrate', options: { yes: false, force: false } });
    expect(parse('--data d reseed --yes --force')).toEqual({
      command: 'reseed',
      options: { data: 'd', yes: true, force: true },
    });
    expect(parse('operator --help')).toMatchObject({ command: 'help' });
  });

  it('reads what follows operator', () => {
    expect(parse('operator grant alice')).toMatchObject({ request: { action: 'grant', username: 'alice' } });
    expect(parse('operator revoke --data d alice')).toMatchObject({
      options: { data: 'd' },
      request: { action: 'revoke', username: 'alice' },
    });
    expect(parse('operator list')).toMatchObject({ request: { action: 'list' } });
    expect(parseCommandLine(['operator', 'grant', 'two words'])).toMatchObject({ request: { username: 'two words' } });
  });

  it('reads what follows follower, and means the first one or, for the status, all', () => {
    expect(parse('follower drain')).toMatchObject({ request: { action: 'drain', number: 1 } });
    expect(parse('follower undrain 12')).toMatchObject({ request: { action: 'undrain', number: 12 } });
    expect(parse('follower status 2')).toMatchObject({ request: { action: 'status', number: 2 } });
    expect(parse('follower status')).toMatchObject({ request: { action: 'status' } });
    expect(parse('follower status')).not.toHaveProperty('request.number');
  });

  it.each([
    'operator',
    'operator gran alice',
    'operator grant',
    'operator grant alice bob',
    'operator list alice',
    'follower',
    'follower stop',
    'follower drain 0',
    'follower drain x',
    'follower drain 1 2',
    'follower drain 99999',
  ])('says in one line what should come in place of "%s"', (line) => {
    const said = line.split(' ').slice(1).join(' ');
    const expected = new RegExp(`^After ${line.split(' ')[0]} comes [^\\n]*, not ${said ? `"${said}"` : 'nothing'}$`);
    expect(() => parse(line)).toThrow(expect.objectContaining({ message: expect.stringMatching(expected), usage: '' }));
  });

  it.each(['', 'migrat', 'migrate now', 'seed --yes', 'operator list --force', 'migrate --unknown'])(
    'shows all it knows for "%s"',
    (line) => {
      expect(() => parse(line)).toThrow(expect.objectContaining({ usage: expect.stringContaining('Usage:') }));
    },
  );
});
