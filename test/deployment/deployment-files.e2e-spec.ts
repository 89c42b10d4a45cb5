import { loadConfiguration } from '@app/config';
import { describe, expect, it } from 'vitest';
import { findNodeFault } from '../../apps/local/launch/node-version.mjs';
import { isFolder, isInCheckout, listCheckoutFiles, readCheckoutFile } from './checkout.js';
import { readCompose, requiredReferences, resolveEnvironment } from './compose.js';
import { readDockerfile } from './dockerfile.js';
import { processCommands } from './procfile.js';
import { configVariables } from './variables.js';

const SECRETS = ['DATABASE_PASSWORD', 'JWT_SECRET', 'POSTGRES_PASSWORD', 'REPLICATION_PASSWORD'];
const ENV = Object.fromEntries(SECRETS.map((name) => [name, 'f00dfeed'.repeat(6)]));

describe('the Dockerfile', () => {
  const stages = readDockerfile();

  it('copies what is there, from stages that are', () => {
    const names = stages.map(({ name }) => name);
    for (const [index, { copies }] of stages.entries()) {
      for (const { from, sources } of copies) {
        if (from === undefined) expect(sources.filter((path) => !isInCheckout(path))).toEqual([]);
        else expect(names.slice(0, index)).toContain(from);
      }
    }
  });

  it('copies nothing that .dockerignore keeps out', () => {
    const kept =
      readCheckoutFile('.dockerignore')
        .match(/^!.+$/gm)
        ?.map((line) => line.slice(1)) ?? [];
    const sources = stages.flatMap(({ copies }) => copies.filter(({ from }) => !from).flatMap((copy) => copy.sources));
    expect(sources.filter((path) => !kept.some((name) => path === name || path.startsWith(`${name}/`)))).toEqual([]);
  });

  it('is built on a Node that the packages run on', () => {
    for (const { image } of stages) {
      const [, major, minor] = image.match(/^node:(\d+)(?:\.(\d+))?[.\d]*-/) ?? [];
      // A tag without a minor version is the newest of its line.
      expect(findNodeFault(`${major}.${minor ?? 999}.0`)).toBeNull();
    }
  });

  it('installs production packages alone, runs as an ordinary user, and asks for its health without curl', () => {
    const packages = stages.find(({ name }) => name === 'packages');
    expect(packages?.instructions).toContainEqual({ name: 'RUN', text: 'npm ci --omit=dev' });
    const final = stages.at(-1)?.instructions ?? [];
    expect(final.find(({ name }) => name === 'USER')?.text).toBe('node');
    expect(final.find(({ name }) => name === 'HEALTHCHECK')?.text).toMatch(/deploy\/health-check\.mjs/);
    expect(final.find(({ name }) => name === 'ENV')?.text).toBe('NODE_ENV=production HOST=0.0.0.0');
  });
});

describe('docker-compose.yml', () => {
  const { services, volumes } = readCompose();
  const ofTandem = Object.entries(services).filter(([, { image }]) => image === 'tandem');

  it('starts the databases, Redis, a migration, the API and the worker', () => {
    expect(Object.keys(services)).toEqual(['primary', 'follower', 'redis', 'migrate', 'api', 'worker']);
  });

  it('waits for services that are there and tell whether they are healthy or end', () => {
    for (const { depends_on: needs = {} } of Object.values(services)) {
      for (const [name, { condition }] of Object.entries(needs)) {
        if (condition === 'service_healthy') expect(services[name]?.healthcheck?.test?.length).toBeGreaterThan(0);
        else expect([condition, services[name]?.restart]).toEqual(['service_completed_successfully', 'no']);
      }
    }
  });

  it('mounts volumes that it declares and files that are there, in the places that PostgreSQL 18 keeps its data', () => {
    const mounts = Object.values(services).flatMap((service) => service.volumes ?? []);
    for (const [source = ''] of mounts.map((mount) => mount.split(':'))) {
      if (source.startsWith('.')) expect(isInCheckout(source), source).toBe(true);
      else expect(Object.keys(volumes)).toContain(source);
    }
    for (const name of ['primary', 'follower']) {
      expect(services[name]?.image).toBe('postgres:18');
      expect(services[name]?.volumes).toContain(`${name}:/var/lib/postgresql`);
    }
  });

  it('has no default for a secret', () => {
    expect(requiredReferences()).toEqual(SECRETS);
    for (const name of SECRETS) {
      expect(() => {
        for (const service of Object.values(services)) resolveEnvironment(service, { ...ENV, [name]: '' });
      }).toThrow(name);
    }
  });

  it('gives only the API the signing secret, and no process of ours the passwords of others', () => {
    for (const [name, service] of ofTandem) {
      const { JWT_SECRET, ...rest } = resolveEnvironment(service, {
        ...ENV,
        POSTGRES_PASSWORD: 'pg',
        REPLICATION_PASSWORD: 'rp',
      });
      expect(JWT_SECRET !== undefined).toBe(name === 'api');
      expect(Object.values(rest)).not.toContain('pg');
      expect(Object.values(rest)).not.toContain('rp');
    }
  });

  it('hands every variable on to those that read it, in an environment that is usable as it is', () => {
    const handed = new Set(ofTandem.flatMap(([, service]) => Object.keys(service.environment ?? {})));
    expect([...handed].sort()).toEqual(configVariables());
    for (const [name, service] of ofTandem) {
      const configuration = loadConfiguration(resolveEnvironment(service, ENV), { tokens: name === 'api' });
      expect(configuration.environment).toBe('production');
      expect(configuration.http).toMatchObject({ host: '0.0.0.0', port: 8080 });
      expect(configuration.database.followerUrls).toHaveLength(1);
    }
  });

  it('publishes the port that the API listens on, to this machine alone', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name]) => name)).toEqual(['api']);
    expect(services.api?.ports).toEqual([expect.stringMatching(/^127\.0\.0\.1:\S+:8080$/)]);
  });

  it('runs the same commands as the Procfile', () => {
    const image =
      readDockerfile()
        .at(-1)
        ?.instructions.find(({ name }) => name === 'CMD')?.text ?? '[]';
    const { release, web, worker } = processCommands();
    expect([services.migrate?.command, services.worker?.command, JSON.parse(image)]).toEqual([release, worker, web]);
  });
});

describe('app.json', () => {
  const app = JSON.parse(readCheckoutFile('app.json'));

  it('names processes of the Procfile, and variables that are read', () => {
    expect(Object.keys(processCommands())).toEqual(expect.arrayContaining(Object.keys(app.formation)));
    expect(Object.keys(app.env).filter((name) => !configVariables().includes(name))).toEqual([]);
  });

  it('runs a program that the build makes', () => {
    const program = app.scripts.postdeploy.match(/ dist\/(\S+)\.js/)?.[1];
    expect(isInCheckout(`${program}.ts`)).toBe(true);
  });

  it('makes a signing secret', () => {
    expect(app.env.JWT_SECRET.generator).toBe('secret');
  });

  it('gives values that are usable', () => {
    const values = Object.entries<{ value?: string }>(app.env).map(([name, { value }]) => [name, value]);
    const environment = { ...Object.fromEntries(values), DATABASE_URL: 'postgres://u@h/d', JWT_SECRET: 'f'.repeat(64) };
    expect(() => loadConfiguration(environment)).not.toThrow();
  });
});

describe('the lock file', () => {
  const text = readCheckoutFile('package-lock.json');

  it('names no address to download from', () => {
    expect(text).not.toMatch(/"resolved": "(?!frontend")/);
    expect(text).not.toMatch(/"integrity": ""/);
  });

  it('has the packages of all platforms: without one of them npm ci refuses it', () => {
    const packages = JSON.parse(text).packages as Record<string, { optionalDependencies?: Record<string, string> }>;
    const names = new Set(Object.keys(packages).map((path) => path.slice(path.lastIndexOf('node_modules/') + 13)));
    const wanted = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}));
    expect(wanted.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('the folder deploy', () => {
  it('holds nothing that no deployment file or document names', () => {
    const users = ['Dockerfile', 'docker-compose.yml', 'Procfile', 'app.json', 'docs/operations.md'].map(
      readCheckoutFile,
    );
    const unused = listCheckoutFiles('deploy').filter((path) => !users.some((text) => text.includes(path)));
    expect(isFolder('deploy')).toBe(true);
    expect(unused).toEqual([]);
  });
});
