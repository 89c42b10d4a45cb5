import { parse } from 'yaml';
import { readCheckoutFile } from './checkout.js';

export interface ComposeService {
  image?: string;
  build?: string;
  user?: string;
  restart?: string;
  entrypoint?: string[];
  command?: string[];
  environment?: Record<string, string | number>;
  ports?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test?: string[]; disable?: boolean };
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

export function readCompose(): ComposeFile {
  return parse(readCheckoutFile('docker-compose.yml'), { merge: true });
}

const REFERENCE = /\$\{([A-Z][A-Z0-9_]*)(?:(:[-?])([^}]*))?\}/g;

/** Names of all variables that the compose file takes from .env. */
export function composeReferences(): string[] {
  const names = [...readCheckoutFile('docker-compose.yml').matchAll(REFERENCE)].map(([, name = '']) => name);
  return [...new Set(names)].sort();
}

/** Names of the variables without which compose refuses to start. */
export function requiredReferences(): string[] {
  const references = [...readCheckoutFile('docker-compose.yml').matchAll(REFERENCE)];
  return [...new Set(references.filter(([, , kind]) => kind === ':?').map(([, name = '']) => name))].sort();
}

/** A service's environment as compose hands it over when .env holds these values. */
export function resolveEnvironment(service: ComposeService, env: Record<string, string>): Record<string, string> {
  const resolve = (text: string): string =>
    text.replace(REFERENCE, (_all, name: string, kind: string | undefined, rest: string | undefined) => {
      const value = env[name] ?? '';
      if (value === '' && kind === ':?') throw new Error(`${name}: ${rest}`);
      return value === '' && kind === ':-' ? (rest ?? '') : value;
    });
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, resolve(String(value))]),
  );
}
