export const IMPORT_ENTITIES = ['customers', 'accounts'] as const;
export type ImportEntity = (typeof IMPORT_ENTITIES)[number];

export const IMPORT_MODES = ['insert', 'upsert'] as const;
/** `insert`: what is there already is refused. `upsert`: it is changed; see docs/imports.md for what makes a row the same. */
export type ImportMode = (typeof IMPORT_MODES)[number];

/** What the one who sends a file wants done with it. */
export interface ImportOptions {
  entity: ImportEntity;
  mode: ImportMode;
  /** All rows or none: one that is refused keeps the others out, too. */
  atomic: boolean;
  /** Only tells what would happen. */
  dryRun: boolean;
}

/**
 * How many records the file had, and what became of them: the last three add up to the first. Where `atomic` let nothing land,
 * `rejected` alone counts: the bad ones.
 */
export interface ImportResult {
  rows: number;
  inserted: number;
  /** Matched a row that was there, whether or not anything was different. */
  updated: number;
  rejected: number;
}
