export {
  IMPORT_ENTITIES,
  IMPORT_MODES,
  type ImportEntity,
  type ImportMode,
  type ImportOptions,
  type ImportResult,
} from './import-options.js';
export { ImportsModule } from './imports.module.js';
export { ImportsService } from './imports.service.js';
export { type ImportRun, ImportRuns } from './run/import-runs.service.js';
export { ImportUploads } from './upload/import-uploads.service.js';
export { tooLarge } from './upload/limited-source.js';
