import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Progress } from '../launch/progress.mjs';
import { runCommandLine } from './command-run.js';
import { asksForSeed, seedEnvironment } from './service-environment.js';
import type { StackDirectory } from './stack-directory.js';

interface Surroundings {
  root: string;
  directory: StackDirectory;
  progress: Progress;
  signal: AbortSignal;
  /** Told of every process it starts. */
  onStart: (child: ChildProcess) => void;
  environment: NodeJS.ProcessEnv;
  /** Whether the databases are the stack's own; others are seeded only when asked for by variable. */
  isOwnDatabase: boolean;
}

/** Brings schema and sample data to where this build wants them, by the same commands that operators use. */
export class DataPreparation {
  private readonly build: string;

  constructor(private readonly surroundings: Surroundings) {
    this.build = readBuildMark(surroundings.root);
  }

  /** Whether this very build has migrated these databases before, so that it need not be done again: the
   * services look themselves whether the schema is theirs. */
  get isMigrated(): boolean {
    const { directory, isOwnDatabase } = this.surroundings;
    return isOwnDatabase && this.build !== '' && directory.read('migrated') === this.build;
  }

  async migrate(): Promise<void> {
    await this.surroundings.progress.step('Bringing the schema up to date', (note) =>
      this.command('migrate', this.surroundings.environment, note),
    );
    this.surroundings.directory.write('migrated', this.build);
  }

  /** Seeds once, and again whenever the caller's variables ask for it; the command leaves a database alone that has rows. */
  async seed(): Promise<void> {
    const { directory, progress, environment, isOwnDatabase } = this.surroundings;
    if (!asksForSeed(environment) && (!isOwnDatabase || directory.read('seeded') !== null)) return;
    await progress.step('Seeding', (note) => this.command('seed', seedEnvironment(environment), note));
    // What is deleted later is not brought back by the next start.
    directory.write('seeded', '');
  }

  private command(name: string, environment: NodeJS.ProcessEnv, say: (line: string) => void): Promise<void> {
    const { root, signal, onStart } = this.surroundings;
    return runCommandLine(join(root, 'dist/apps/cli/src/main.js'), [name], environment, { say, signal, onStart });
  }
}

function readBuildMark(root: string): string {
  try {
    return readFileSync(join(root, 'dist/.built-from'), 'utf8');
  } catch {
    return '';
  }
}
