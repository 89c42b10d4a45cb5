import { existsSync, readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { DomainError } from '@app/errors';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ProblemFilter } from './problem.filter.js';

const POLICY = [
  `default-src 'self'`,
  `img-src 'self' data:`,
  `object-src 'none'`,
  `base-uri 'none'`,
  `frame-ancestors 'none'`,
  `form-action 'self'`,
].join('; ');
const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-cache',
};
const YEAR_MS = 365 * 24 * 3_600_000;

/**
 * The built admin application: its files as they are, and its index.html at every other path, which the application's
 * own router then reads. A path that looks like a file and is none is 404, so that a broken asset is not taken for HTML.
 */
export function applicationFiles(folder: string, filter: ProblemFilter) {
  const files = new Set(listFiles(folder));
  return (request: FastifyRequest, reply: FastifyReply): unknown => {
    const path = safeDecode(request.url.split('?', 1)[0] ?? '/').slice(1);
    if (path !== 'index.html' && files.has(path)) {
      const isHashed = path.startsWith('assets/');
      return reply.sendFile(path, folder, isHashed ? { maxAge: YEAR_MS, immutable: true } : {});
    }
    const isFileName = /\.[A-Za-z0-9]{1,8}$/.test(path) && path !== 'index.html';
    if (isFileName || !files.has('index.html')) {
      return filter.answer(new DomainError('not_found', 'Not found'), request, reply);
    }
    return reply.headers(PAGE_HEADERS).sendFile('index.html', folder, { cacheControl: false });
  };
}

function listFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'));
}

function safeDecode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
