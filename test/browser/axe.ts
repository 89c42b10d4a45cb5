import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeRun {
  violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[];
}

/** What axe-core finds wrong with the page as it is now: one line for each element. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  // The debugger's protocol is not bound by the page's content security policy, a script element would be.
  await page.evaluate(SOURCE);
  const { violations } = await page.evaluate<AxeRun>('axe.run()');
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary ?? ''}`));
}
