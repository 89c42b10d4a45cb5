import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout's folder. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const MADE = ['node_modules', 'dist', 'coverage', 'test-results'];

/** The text of a file, by its path in the checkout. */
export function readCheckoutFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

export function isInCheckout(path: string): boolean {
  return existsSync(join(ROOT, path));
}

export function isFolder(path: string): boolean {
  return isInCheckout(path) && statSync(join(ROOT, path)).isDirectory();
}

/** Paths of all files below a folder but what is installed, built or hidden. */
export function listCheckoutFiles(folder = ''): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    if (MADE.includes(entry.name) || entry.name.startsWith('.')) return [];
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    return entry.isDirectory() ? listCheckoutFiles(path) : [path];
  });
}

/** The cells of every row of every Markdown table in the text. */
export function tableRows(markdown: string): string[][] {
  return markdown
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^[|\s-]+$/.test(line))
    .map((line) =>
      line
        .replace(/^\||\|\s*$/g, '')
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    );
}

/** The part of a document below a heading, up to the next one of the same or a higher level. */
export function sectionOf(markdown: string, heading: string): string {
  const level = heading.match(/^#+/)?.[0].length ?? 1;
  const from = markdown.indexOf(`${heading}\n`);
  if (from === -1) throw new Error(`There is no heading "${heading}"`);
  const rest = markdown.slice(from + heading.length);
  const end = rest.search(new RegExp(`^#{1,${level}} `, 'm'));
  return end === -1 ? rest : rest.slice(0, end);
}
