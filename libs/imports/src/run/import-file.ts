import type { FilePosition } from '../csv/record.js';
import { type ColumnMap, mapColumns } from '../header/column-map.js';
import type { ImportOptions } from '../import-options.js';

/** A file that was uploaded whole, and what is to be done with it. */
export interface ImportFile extends ImportOptions {
  id: string;
  organizationId: number;
  /** The names of the columns, as they stand in the file. */
  columns: string[];
  /** Where the first record begins. */
  start: FilePosition;
  bytes: number;
  chunkBytes: number;
}

export function columnMapOf({ columns, entity, mode }: ImportFile): ColumnMap {
  return mapColumns(columns, entity, mode);
}
