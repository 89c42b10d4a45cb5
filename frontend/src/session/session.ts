import { computed, readonly, ref, shallowRef } from 'vue';
import { answerOf, api } from '../api/client';
import { parseSession, readStored, type Session, STORAGE_KEY, writeStored } from './stored-session';
import { readClaims } from './token-claims';

const current = shallowRef<Session | null>(readStored());
const hasExpired = ref(false);

export interface Credentials {
  username: string;
  password: string;
}

function begin(session: Session | null): void {
  current.value = session;
  writeStored(session);
}

// Signing out in one tab signs out in all of them.
window.addEventListener('storage', ({ key, newValue }) => {
  if (key === STORAGE_KEY || key === null) current.value = parseSession(newValue, Date.now());
});

/** Throws an `ApiError`: 401 for wrong credentials. */
async function signIn({ username, password }: Credentials): Promise<void> {
  const { data } = await answerOf(api.POST('/api/auth/login', { body: { username, password } }));
  hasExpired.value = false;
  begin({ token: data.token, username, expiresAt: Date.now() + data.expires_in * 1000 });
}

/** Makes the user and an organization of their own, then signs in. Throws an `ApiError`: 409 for a name taken. */
async function register(credentials: Credentials): Promise<void> {
  await answerOf(api.POST('/api/auth/register', { body: credentials }));
  await signIn(credentials);
}

function signOut(): void {
  hasExpired.value = false;
  begin(null);
}

/** What to do when the API no longer accepts the token: the sign-in page then says why it is shown. */
function expire(): void {
  if (!current.value) return;
  hasExpired.value = true;
  begin(null);
}

/** Undefined once the token's time is over, so that no call is made with one that must be refused. */
function validToken(): string | undefined {
  if (current.value && current.value.expiresAt <= Date.now()) expire();
  return current.value?.token;
}

const isSignedIn = computed(() => current.value !== null);
const username = computed(() => current.value?.username ?? '');
const isOperator = computed(() => readClaims(current.value?.token).isOperator);

/** Who is signed in, and the ways in and out. One for the whole application. */
export function useSession() {
  return {
    isSignedIn,
    username,
    isOperator,
    hasExpired: readonly(hasExpired),
    signIn,
    register,
    signOut,
    expire,
    validToken,
  };
}
