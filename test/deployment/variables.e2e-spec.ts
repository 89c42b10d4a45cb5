import { loadConfiguration } from '@app/config';
import { describe, expect, it } from 'vitest';
import { composeReferences } from './compose.js';
import { BUILD_VARIABLES, configVariables, exampleVariables, readmeVariables } from './variables.js';

const documented = [...configVariables(), ...BUILD_VARIABLES].sort();
const DATABASE_URL = 'postgres://tandem@localhost/tandem';

describe('environment variables', () => {
  it('are found in the code that reads them', () => {
    expect(documented).toEqual(expect.arrayContaining(['DATABASE_URL', 'JWT_SECRET', 'NODE_ENV', 'SEED_DATA']));
  });

  it('are in the README, all of them and no others', () => {
    expect([...readmeVariables().keys()].sort()).toEqual(documented);
  });

  it('are in .env.example, all of them and no others but those of docker compose', () => {
    const ofCompose = composeReferences().filter((name) => !documented.includes(name));
    expect([...exampleVariables().keys()].sort()).toEqual([...documented, ...ofCompose].sort());
  });

  it('have in .env.example the defaults that they have without it', () => {
    const examples = [...exampleVariables()].filter(([name]) => !/_URL$/.test(name));
    const defaults = loadConfiguration({ DATABASE_URL }, { tokens: false });
    expect(examples.length).toBeGreaterThan(20);
    expect(loadConfiguration({ ...Object.fromEntries(examples), DATABASE_URL }, { tokens: false })).toEqual(defaults);
  });

  it('have the same defaults in the README', () => {
    const readme = readmeVariables();
    const differing = [...exampleVariables()].filter(([name, value]) => {
      const standard = readme.get(name);
      return standard?.startsWith('`') && value !== '' && !standard.startsWith(`\`${value}\``);
    });
    expect(differing).toEqual([]);
  });
});
