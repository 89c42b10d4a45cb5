import { listCheckoutFiles, readCheckoutFile, sectionOf, tableRows } from './checkout.js';

/** Read by the build of the application, not by a process. */
export const BUILD_VARIABLES = ['ASSET_BASE_URL'];

/** Names of all environment variables that libs/config reads, sorted. */
export function configVariables(): string[] {
  const code = listCheckoutFiles('libs/config/src')
    .filter((path) => !/\.(int-)?spec\.ts$/.test(path))
    .map(readCheckoutFile)
    .join('\n');
  const reads = code.matchAll(/\bread\.(?:text|list|integer|flag|oneOf)\(\s*'([A-Z][A-Z0-9_]*)'/g);
  return [...new Set([...reads].map(([, name = '']) => name))].sort();
}

/** Name and value of every line of .env.example, commented out or not. */
export function exampleVariables(): Map<string, string> {
  const lines = readCheckoutFile('.env.example').matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm);
  return new Map([...lines].map(([, name = '', value = '']) => [name, value.trim()]));
}

/** Name and default of every variable in the README's table. */
export function readmeVariables(): Map<string, string> {
  const rows = tableRows(sectionOf(readCheckoutFile('README.md'), '## Environment variables'));
  return new Map(
    rows.flatMap(([name = '', , standard = '']): [string, string][] => {
      const found = name.match(/^`([A-Z0-9_]+)`$/)?.[1];
      return found ? [[found, standard]] : [];
    }),
  );
}
