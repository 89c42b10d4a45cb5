import { readCheckoutFile } from './checkout.js';

/** The lines of the Procfile by process type. */
export function processLines(): Record<string, string> {
  const lines = readCheckoutFile('Procfile').trim().split('\n');
  return Object.fromEntries(lines.map((line) => line.match(/^(\w+): (.+)$/)?.slice(1) ?? [line, '']));
}

/** What each line runs in the end: the words after `exec`. */
export function processCommands(): Record<string, string[]> {
  const words = (line: string): string[] => line.replace(/^.*\bexec /, '').split(' ');
  return Object.fromEntries(Object.entries(processLines()).map(([name, line]) => [name, words(line)]));
}
