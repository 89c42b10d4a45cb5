import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { Plugin, ResolvedConfig } from 'vite';

/**
 * Puts a small classic script before everything else in the page's head, as a hashed file: it runs before the first
 * paint, and the content security policy needs no exception for it. The file must be plain JavaScript without imports.
 */
export function blockingScript(path: string): Plugin {
  let config: ResolvedConfig;
  let fileName = '';
  return {
    name: 'blocking-script',
    configResolved(resolved) {
      config = resolved;
    },
    buildStart() {
      const source = readFileSync(resolve(config.root, path), 'utf8');
      const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
      fileName = `${config.build.assetsDir}/${basename(path, '.js')}-${hash}.js`;
      if (config.command === 'build') this.emitFile({ type: 'asset', fileName, source });
    },
    transformIndexHtml() {
      const src = config.command === 'build' ? `${config.base}${fileName}` : `/${path}`;
      return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
    },
  };
}
