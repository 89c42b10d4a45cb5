/** How one attempt ended. `error` is shown to the endpoint's owner, so it tells no address that a name resolved to. */
export interface AttemptOutcome {
  /**
   * `refused`: the target must not be connected to, and trying again makes no sense before somebody has changed it.
   * `gone`: the receiver wants no more.
   */
  result: 'delivered' | 'failed' | 'gone' | 'refused';
  status: number | null;
  error: string | null;
  durationMs: number;
}

/** What a status means: 2xx is delivered, 410 is the end, everything else (redirects too) is a failure. */
export function outcomeOfStatus(status: number): Omit<AttemptOutcome, 'durationMs'> {
  if (status >= 200 && status < 300) return { result: 'delivered', status, error: null };
  if (status === 410) return { result: 'gone', status, error: 'The receiver answered 410 Gone' };
  const isRedirect = status >= 300 && status < 400;
  const error = `The receiver answered ${status}${isRedirect ? '; redirects are not followed' : ''}`;
  return { result: 'failed', status, error };
}
