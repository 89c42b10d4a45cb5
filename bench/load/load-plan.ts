/** What one run of the load generator sends. Paths and bodies are taken in turn. */
export interface LoadPlan {
  /** `http://host:port`, or a database's URL for what its statements alone can do. */
  url: string;
  token: string;
  method: 'GET' | 'POST';
  paths: string[];
  /** JSON texts; `{n}` becomes a number that no other request of this run has. */
  bodies?: string[];
  /** Sent with every request, besides its token. */
  headers?: Record<string, string>;
  /** Keep-alive connections, each with one request under way at any time. */
  connections: number;
  warmUpSeconds: number;
  /** The run ends after this time, or after `requests` answers. */
  seconds: number;
  requests?: number;
}

export interface LoadResult {
  requestsPerSecond: number;
  /** Milliseconds from the first byte sent to the last one received. */
  p50: number;
  p99: number;
  requests: number;
  /** Everything answered, during the warm-up too. */
  answers: number;
  bytesPerAnswer: number;
  /** Answers other than 2xx and broken connections, counted by what they were. Any makes the figures worthless. */
  failures: Record<string, number>;
}

/**
 * Requests at an even rate, whether answers come or not, as clients send them that know nothing of each other. What finds all
 * connections taken waits for one.
 */
export interface RatePlan extends Omit<LoadPlan, 'requests'> {
  perSecond: number;
}

export interface RateResult {
  /** Milliseconds from the moment at which a request was due to the last byte of its 2xx answer. */
  p50: number;
  p99: number;
  /** What was asked for after the warm-up. */
  requests: number;
  /** Every answer of those, by its status, `503 retry-after` apart from a bare 503, and every broken connection by its cause. */
  outcomes: Record<string, number>;
}
