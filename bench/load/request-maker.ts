import type { LoadPlan } from './load-plan.js';

/** Gives the text of each request of a plan by its number. */
export function requestMaker(
  { method, paths, bodies, token, headers = {} }: Pick<LoadPlan, 'method' | 'paths' | 'bodies' | 'token' | 'headers'>,
  { host }: URL,
): (index: number) => string {
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = ` HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n${more.join('')}`;
  // Without bodies every request can be made before the first is sent.
  const ready = paths.map((path) => `${method} ${path}${head}\r\n`);
  if (bodies === undefined) return (index) => ready[index % ready.length] ?? '';
  return (index) => {
    const body = (bodies[index % bodies.length] ?? '').replaceAll('{n}', String(index));
    const path = paths[index % paths.length];
    return `${method} ${path}${head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
}
