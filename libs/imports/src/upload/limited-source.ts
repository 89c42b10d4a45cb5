import { DomainError } from '@app/errors';

export interface SourceLimits {
  maxBytes: number;
  /** How long nothing may come while we wait for it: the time that we need ourselves is nobody's fault. */
  stallMs: number;
  durationMs: number;
  /** Ends the upload with its reason. */
  signal: AbortSignal;
}

/**
 * Hands on what comes, until a limit is passed.
 *
 * @throws DomainError `payload_too_large`; `request_timeout`; `malformed_body` where the sender went away in the middle; the signal's reason.
 */
export async function* limitedSource(source: AsyncIterable<Buffer>, limits: SourceLimits): AsyncGenerator<Buffer> {
  const { maxBytes, stallMs, durationMs, signal } = limits;
  const iterator = source[Symbol.asyncIterator]();
  const endsAt = performance.now() + durationMs;
  let bytes = 0;
  try {
    for (;;) {
      const leftMs = endsAt - performance.now();
      if (leftMs <= 0) throw tooSlow(`The upload took longer than ${durationMs / 1_000} s`);
      signal.throwIfAborted();
      const next = await within(iterator.next(), Math.min(stallMs, leftMs), signal);
      if (next === 'late') {
        if (stallMs < leftMs) throw tooSlow(`The upload sent nothing for ${stallMs / 1_000} s`);
        continue;
      }
      if (next.done === true) return;
      bytes += next.value.length;
      if (bytes > maxBytes) throw tooLarge(maxBytes);
      yield next.value;
    }
  } finally {
    // Not awaited: it may be waiting for a sender who has fallen silent.
    void iterator.return?.().catch(() => undefined);
  }
}

/** For who knows before the first byte. */
export function tooLarge(maxBytes: number): DomainError {
  return new DomainError('payload_too_large', `The file is larger than ${maxBytes / 2 ** 20} MiB`);
}

async function within(
  next: Promise<IteratorResult<Buffer>>,
  limitMs: number,
  signal: AbortSignal,
): Promise<IteratorResult<Buffer> | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => undefined;
  const late = new Promise<'late'>((resolve, reject) => {
    timer = setTimeout(resolve, Math.ceil(limitMs), 'late');
    abort = () => reject(signal.reason);
  });
  signal.addEventListener('abort', abort);
  // Where nobody waits for it any more it may fail as it likes.
  next.catch(() => undefined);
  try {
    return await Promise.race([next, late]);
  } catch (cause) {
    if (cause instanceof DomainError) throw cause;
    throw new DomainError('malformed_body', 'The upload ended before its end', { cause });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function tooSlow(message: string): DomainError {
  return new DomainError('request_timeout', message);
}
