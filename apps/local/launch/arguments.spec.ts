import { describe, expect, it } from 'vitest';
import { parseArguments } from './arguments.mjs';

const parse = (words: string[], environment = {}) => parseArguments(words, environment, '/checkout');

describe('parseArguments', () => {
  it('has a default for everything', () => {
    expect(parse([])).toEqual({
      port: 8080,
      portIsFixed: false,
      followers: 1,
      directory: '/checkout/.tandem',
      fresh: false,
      build: true,
      help: false,
    });
  });

  it('takes what is asked for by name', () => {
    const words = ['--port', '9000', '--followers=0', '--data', 'elsewhere/db', '--fresh', '--no-build'];
    expect(parse(words)).toMatchObject({
      port: 9000,
      portIsFixed: true,
      followers: 0,
      directory: '/checkout/elsewhere/db',
      fresh: true,
      build: false,
    });
    expect(parse([], { PORT: '7000' })).toMatchObject({ port: 7000, portIsFixed: true });
    expect(parse(['--port', '9000'], { PORT: '7000' })).toMatchObject({ port: 9000 });
  });

  it.each([
    [['--port', '0'], '--port must be a whole number from 1 to 65535, not "0".'],
    [['--port', 'web'], '--port must be a whole number from 1 to 65535, not "web".'],
    [['--followers', '9'], '--followers must be a whole number from 0 to 8, not "9".'],
    [['--data', ' '], '--data must name a directory.'],
    [['--bogus'], "Unknown option '--bogus'. `npm start -- --help` lists the options."],
    [['surplus'], "Unexpected argument 'surplus'"],
    [['--data'], "Option '--data <value>' argument missing"],
  ])('says what is wrong with %j', (words, message) => {
    expect(() => parse(words)).toThrow(message);
  });
});
