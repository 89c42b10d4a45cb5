import { availableParallelism } from 'node:os';
import { hash, verify } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';

/** The library's `Algorithm.Argon2id`, a const enum that isolated modules can't read. */
const ALGORITHM_ARGON2ID = 2;
/** OWASP's first choice for Argon2id in 2024: 19 MiB, two passes, one lane. */
const ARGON2ID = { algorithm: ALGORITHM_ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };
const BCRYPT = /^\$2[abxy]?\$/;
/** What bcrypt reads of a password; the Go service refused longer ones, so none of its hashes stands for more. */
const BCRYPT_MAX_BYTES = 72;

/** Hashes for storing: Argon2id with its parameters and salt in the text. Takes 20 to 50 ms of one core. */
export function hashPassword(password: string): Promise<string> {
  return withCore(() => hash(password, ARGON2ID));
}

/** Whether the password belongs to the stored hash, Argon2id or the Go service's bcrypt. A broken hash fits nothing. */
export async function isPasswordOf(stored: string, password: string): Promise<boolean> {
  if (BCRYPT.test(stored) && Buffer.byteLength(password) > BCRYPT_MAX_BYTES) return false;
  return withCore(() => (BCRYPT.test(stored) ? verifyBcrypt(password, stored) : verify(stored, password))).catch(
    () => false,
  );
}

/** Whether a hash should be made anew at the next sign-in. */
export function isOutdatedHash(stored: string): boolean {
  return !stored.startsWith('$argon2id$v=19$m=19456,t=2,p=1$');
}

const maxAtOnce = availableParallelism();
const waiting: (() => void)[] = [];
let running = 0;

/** As many hashes at once as there are cores: more would only take memory and starve everything else. */
async function withCore<T>(work: () => Promise<T>): Promise<T> {
  if (running < maxAtOnce) running += 1;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    // The place is handed on as it is, so that nobody who comes in this moment takes it as well.
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}
