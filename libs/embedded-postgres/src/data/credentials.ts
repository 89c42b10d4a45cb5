import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../embedded-postgres.error.js';

/** The passwords of one cluster's two roles. */
export interface Credentials {
  password: string;
  replicationPassword: string;
}

/** The role applications connect as. It owns everything, for the cluster is theirs alone. */
export const OWNER_ROLE = 'tandem';
/** The role followers stream as; it may do nothing else. */
export const REPLICATION_ROLE = 'tandem_replication';

/** The passwords kept beside the data (mode 0600), made at random the first time. Throws when there are data they were lost for. */
export function keepCredentials(directory: string): Credentials {
  const file = join(directory, 'credentials.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Credentials;
  if (existsSync(join(directory, 'primary', 'PG_VERSION'))) {
    throw new EmbeddedPostgresError(
      'directory_unusable',
      `${file} is missing, and without the passwords in it the databases there cannot be opened: bring it back, or begin anew without them.`,
    );
  }
  const made = { password: randomPassword(), replicationPassword: randomPassword() };
  writeFileSync(`${file}.part`, JSON.stringify(made), { mode: 0o600 });
  renameSync(`${file}.part`, file);
  return made;
}

function randomPassword(): string {
  return randomBytes(24).toString('base64url');
}
