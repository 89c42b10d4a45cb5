import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT, readCheckoutFile } from './checkout.js';

export interface CopyInstruction {
  /** The stage it copies from; the checkout where undefined. */
  from: string | undefined;
  sources: string[];
  destination: string;
}

export interface DockerStage {
  name: string | undefined;
  image: string;
  /** Instructions but COPY, by name, each with all that follows it. */
  instructions: { name: string; text: string }[];
  copies: CopyInstruction[];
}

/** The stages of the Dockerfile, last the one that becomes the image. */
export function readDockerfile(): DockerStage[] {
  const lines = readCheckoutFile('Dockerfile')
    .replace(/\\\n\s*/g, '')
    .split('\n');
  const stages: DockerStage[] = [];
  for (const line of lines.filter((text) => text.trim() !== '' && !text.startsWith('#'))) {
    const [name = '', ...words] = line.trim().split(/\s+/);
    if (name === 'FROM') {
      stages.push({
        image: words[0] ?? '',
        name: words[1] === 'AS' ? words[2] : undefined,
        instructions: [],
        copies: [],
      });
    } else if (name === 'COPY') {
      const paths = words.filter((word) => !word.startsWith('--'));
      const from = words.find((word) => word.startsWith('--from='))?.slice('--from='.length);
      stages.at(-1)?.copies.push({ from, sources: paths.slice(0, -1), destination: paths.at(-1) ?? '' });
    } else {
      stages.at(-1)?.instructions.push({ name, text: words.join(' ') });
    }
  }
  return stages;
}

const WORK_FOLDER = '/tandem/';

/**
 * Puts into a folder what the image has in its work folder: files of the checkout, what the build made there, and links
 * to the packages that a production install has. Programs started there need `--preserve-symlinks`, or Node would look
 * for packages where the links lead.
 */
export function layOutImage(folder: string): void {
  const final = readDockerfile().at(-1);
  for (const { from, sources, destination } of final?.copies ?? []) {
    for (const source of sources) {
      const path = source.replace(WORK_FOLDER, '').replace(/\/$/, '');
      const isIntoFolder = destination.endsWith('/') || sources.length > 1;
      const target = join(folder, destination, isIntoFolder ? basename(path) : '');
      mkdirSync(dirname(target), { recursive: true });
      if (from === 'packages') linkProductionPackages(target);
      else cpSync(join(ROOT, path), target, { recursive: true });
    }
  }
}

interface LockedPackage {
  dev?: boolean;
  link?: boolean;
}

/** Names of the packages at the top of node_modules that `npm ci --omit=dev` installs on this machine. */
export function productionPackages(): string[] {
  const { packages } = JSON.parse(readCheckoutFile('package-lock.json')) as { packages: Record<string, LockedPackage> };
  return Object.entries(packages).flatMap(([path, { dev, link }]) => {
    const name = path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)$/)?.[1];
    return name && !dev && !link && existsSync(join(ROOT, path)) ? [name] : [];
  });
}

function linkProductionPackages(target: string): void {
  for (const name of productionPackages()) {
    mkdirSync(dirname(join(target, name)), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(target, name));
  }
}
