import { spawn } from 'node:child_process';
import { join } from 'node:path';
import pg from 'pg';

const PATIENCE_MS = 2_000;
const UNDEFINED_TABLE = '42P01';

/**
 * Runs `follower drain|undrain|status` of the command line application, which also works where no local stack is, on the stack in
 * `directory` or else on DATABASE_URL. Resolves with its exit code.
 */
export function runFollowerCommand(
  root: string,
  { action, number }: { action: string; number?: number },
  directory: string | undefined,
): Promise<number> {
  const words = [action, ...(number === undefined ? [] : [String(number)])];
  const place = directory === undefined ? [] : ['--data', directory];
  const program = join(root, 'dist/apps/cli/src/main.js');
  const child = spawn(process.execPath, [program, 'follower', ...words, ...place], { stdio: 'inherit' });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** The names of the drained followers; undefined while the primary can't tell. */
export async function readDrainedFollowers(primaryUrl: string): Promise<ReadonlySet<string> | undefined> {
  const client = new pg.Client({
    connectionString: primaryUrl,
    connectionTimeoutMillis: PATIENCE_MS,
    query_timeout: PATIENCE_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ follower: string }>('SELECT follower FROM drained_followers');
    return new Set(rows.map(({ follower }) => follower));
  } catch (error) {
    return (error as { code?: string }).code === UNDEFINED_TABLE ? new Set() : undefined;
  } finally {
    await client.end().catch(() => undefined);
  }
}
