import type { StackOptions } from '../launch/arguments.mjs';

/** What is only known once everything has its place. */
export interface StackPlaces {
  primaryUrl: string;
  followerUrls: string[];
  port: number;
  healthPort: number;
}

/**
 * The environment of API, worker and commands: the caller's own, so that every documented variable works here too, with the
 * addresses of the stack over it.
 */
export function serviceEnvironment(
  inherited: NodeJS.ProcessEnv,
  { primaryUrl, followerUrls, port, healthPort }: StackPlaces,
  signingSecret: string,
): NodeJS.ProcessEnv {
  const { ANALYTICS_DB_URL: _, ...others } = inherited;
  return {
    ...others,
    NODE_ENV: 'development',
    DATABASE_URL: primaryUrl,
    ...(followerUrls.length > 0 && { ANALYTICS_DB_URL: followerUrls.join(',') }),
    HOST: inherited.HOST || '127.0.0.1',
    PORT: String(port),
    HEALTH_PORT: String(healthPort),
    JWT_SECRET: inherited.JWT_SECRET || signingSecret,
  };
}

/** How commands are told what to seed: sample data unless the caller says otherwise. */
export function seedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...environment, SEED_DATA: environment.SEED_DATA || 'true' };
}

/** Whether the caller has said anything about seeding. */
export function asksForSeed({ SEED_DATA, SEED_PERFORMANCE_DATA }: NodeJS.ProcessEnv): boolean {
  return Boolean(SEED_DATA || SEED_PERFORMANCE_DATA);
}

/** Where a service that listens on HOST is reached from this machine. */
export function reachableHost(host = '127.0.0.1'): string {
  if (['0.0.0.0', '::', ''].includes(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

/** The port asked for when it is free; another when none was asked for by name. */
export async function choosePort(
  { port, portIsFixed }: Pick<StackOptions, 'port' | 'portIsFixed'>,
  isFree: (port: number) => Promise<boolean>,
): Promise<number | null> {
  for (let candidate = port; candidate <= Math.min(port + 200, 65_535); candidate++) {
    if (await isFree(candidate)) return candidate;
    if (portIsFixed) return null;
  }
  return null;
}
