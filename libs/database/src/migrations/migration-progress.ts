/** Something that a runner of migrations tells while it works. */
export interface MigrationProgress {
  /** Which step of how many of the present migration this is about; absent on remarks. */
  step?: number;
  steps?: number;
  text: string;
  /** How far the step is, 0 to 100, told about once a second while an index is built. */
  percent?: number;
}

export type ProgressListener = (progress: MigrationProgress) => void;
