export interface Answer {
  status: number;
  bytes: number;
  /** Whether the answer says when to ask again. */
  hasRetryAfter: boolean;
}

/** One connection with one request under way at a time. */
export interface Connection {
  /** @param request the text of an HTTP request. */
  send(request: string): void;
  close(): void;
}
