import { existsSync, lstatSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, join } from 'node:path';

/**
 * Makes the library links that the npm package's install script would have made (`pg-symlinks.json`), where they are
 * missing. False when the directory cannot be written.
 */
export function linkLibraries(native: string): boolean {
  for (const { source, target } of readLinks(native)) {
    const link = join(native, target.replace(/^native\//, ''));
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch {
      // Another process may have been quicker, which is as good.
      if (!lstatSync(link, { throwIfNoEntry: false })) return false;
    }
  }
  return true;
}

function readLinks(native: string): { source: string; target: string }[] {
  const list = join(native, 'pg-symlinks.json');
  return existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
}
