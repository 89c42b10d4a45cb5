import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerAdmin } from '../builders/people.builder.js';
import { makeCustomer } from '../builders/records.builder.js';
import { type ApiStage, openApiStage } from '../support/api-process.js';
import { findNames, type Named } from './find-names.js';

let stage: ApiStage;
beforeAll(async () => {
  stage = await openApiStage();
});
afterAll(() => stage?.close());

describe('q', () => {
  const NAMES = [
    'Ägidius Öl',
    'Жанна',
    'Müller',
    'anna',
    'Banna',
    '100% sure',
    '100 percent',
    'under_score',
    'underXscore',
  ];
  const more = ['back\\slash', "O'Brien", 'quote"d', '日本語の名前', 'Straße', '🙂 smile', ' lead'];
  let token: string;
  const found = (q: string) => findNames(stage, '/api/customers', { q }, token);

  beforeAll(async () => {
    token = (await registerAdmin(stage)).token;
    for (const [index, name] of [...NAMES, ...more].entries()) {
      await makeCustomer(stage, token, { name, email: `${'abc'[index % 3]}${index}.Mail+X@Example.com` });
    }
  });

  it.each([
    ['ann', ['anna', 'Banna']],
    ['ANN', ['anna', 'Banna']],
    ['nna', ['anna', 'Banna']],
    ['nothing like it', []],
  ])('of three and more characters matches anywhere, in any case: %s', async (q, names) => {
    expect(await found(q)).toEqual([...names].sort());
  });

  it.each([
    ['an', ['anna']],
    ['AN', ['anna']],
    ['nn', []],
    ['ба', []],
  ])('of two characters matches the beginning: %s', async (q, names) => {
    expect(await found(q)).toEqual(names);
  });

  it('of one character matches the beginning of name or e-mail address', async () => {
    const all = [...NAMES, ...more];
    const expected = all.filter((name, index) => 'abc'[index % 3] === 'b' || name.toLowerCase().startsWith('b'));
    expect((await found('b')).sort()).toEqual(expected.sort());
  });

  it.each([
    ['ägi', 'Ägidius Öl'],
    ['ÄGI', 'Ägidius Öl'],
    ['öl', undefined],
    ['S öl', 'Ägidius Öl'],
    ['жан', 'Жанна'],
    ['АНН', 'Жанна'],
    ['жа', 'Жанна'],
    ['Ж', 'Жанна'],
    ['MÜL', 'Müller'],
    ['本語の', '日本語の名前'],
    ['日本', '日本語の名前'],
    ['日', '日本語の名前'],
    ['🙂', '🙂 smile'],
    ['🙂 S', '🙂 smile'],
    ['RASS', undefined],
    ['RAßE', 'Straße'],
  ])('ignores case in every script: %s', async (q, name) => {
    expect(await found(q)).toEqual(name === undefined ? [] : [name]);
  });

  it.each([
    ['100%', '100% sure'],
    ['0% ', '100% sure'],
    ['der_', 'under_score'],
    ['k\\s', 'back\\slash'],
    ["o'b", "O'Brien"],
    ['e"d', 'quote"d'],
  ])('takes wildcards, quotes and backslashes for what they are: %s', async (q, name) => {
    expect(await found(q)).toEqual([name]);
  });

  it.each(['%', '_', '\\', '%%%', '___', '\\\\\\', "'", "';--", '{}', '$1', '\u2028'])(
    'finds nothing and harms nothing: %s',
    async (q) => {
      expect(await found(q)).toEqual([]);
    },
  );

  it('searches e-mail addresses, in any case', async () => {
    expect(await found('.MAIL+x@ex')).toHaveLength(16);
    expect(await found('a0.mail')).toEqual(['Ägidius Öl']);
  });

  it('is not there when it is empty', async () => {
    expect(await found('')).toHaveLength(16);
  });

  it('is refused with 400 where PostgreSQL could not keep it, or where it is given twice', async () => {
    for (const query of ['q=%00', 'q=abc%00def', 'q=a&q=b', 'q=abc&limit=1&q=']) {
      const answer = await stage.call('GET', `/api/customers?${query}`, { token });
      expect([query, answer.status, answer.json<{ errors: Named[] }>().errors]).toEqual([
        query,
        400,
        [expect.objectContaining({ field: 'q' })],
      ]);
    }
  });

  it('takes very long texts', async () => {
    expect(await found('x'.repeat(5_000))).toEqual([]);
  });
});
