/** What went wrong, in words a person can act on; `port_taken` is the only one a caller answers by trying again. */
export type EmbeddedPostgresErrorCode =
  | 'platform_not_served'
  | 'no_server_user'
  | 'directory_unusable'
  | 'port_taken'
  | 'start_failed'
  | 'copy_failed';

/** A failure of the embedded databases. The message is one line and complete: print it without the stack. */
export class EmbeddedPostgresError extends Error {
  constructor(
    readonly code: EmbeddedPostgresErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'EmbeddedPostgresError';
  }
}

const FILE_ERRORS: Record<string, string> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space left on the disk',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a file is where a directory is needed',
  EEXIST: 'a file is where a directory is needed',
  ENAMETOOLONG: 'the path is too long',
};

/** Turns a file system error into one line that names the directory, or what is in its way; anything else is passed on as it is. */
export function asDirectoryError(error: unknown, directory: string): unknown {
  if (!(error instanceof Error) || error instanceof EmbeddedPostgresError) return error;
  const { code, path = directory, dest = path } = error as NodeJS.ErrnoException & { dest?: string };
  const words = code === undefined ? undefined : FILE_ERRORS[code];
  if (words === undefined) return error;
  // Which of the directory's files it was means nothing to whoever chose the directory.
  const place = dest.startsWith(`${directory}/`) ? directory : dest;
  return new EmbeddedPostgresError('directory_unusable', `${place} cannot be used: ${words}.`, { cause: error });
}
