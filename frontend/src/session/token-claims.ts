/** What the access token says of its bearer, as far as it decides what is shown. The API alone decides what is allowed. */
export interface TokenClaims {
  /** Whether the user was an operator of this installation at the sign-in. */
  isOperator: boolean;
}

const NOTHING: TokenClaims = { isOperator: false };

/** Reads a token without checking it; one that cannot be read says nothing. */
export function readClaims(token: string | undefined): TokenClaims {
  try {
    const payload = (token ?? '').split('.')[1] ?? '';
    // The names of users may hold any character; what is read here is plain.
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')));
    if (typeof claims !== 'object' || claims === null) return NOTHING;
    return { isOperator: 'operator' in claims && claims.operator === true };
  } catch {
    return NOTHING;
  }
}
