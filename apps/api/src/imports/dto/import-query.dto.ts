import { IMPORT_ENTITIES, IMPORT_MODES, type ImportEntity, type ImportMode, type ImportOptions } from '@app/imports';
import { IsIn, IsOptional } from 'class-validator';
import { ApiProperty, ApiPropertyOptional } from '../../http/openapi/openapi.decorators.js';

const YES = ['true', '1'];
const FLAGS = [...YES, 'false', '0', ''];

export class ImportQuery {
  @ApiProperty({ enum: IMPORT_ENTITIES, description: 'What the lines of the file are' })
  @IsIn(IMPORT_ENTITIES, { message: `entity must be one of ${IMPORT_ENTITIES.join(', ')}` })
  entity: ImportEntity;

  @ApiPropertyOptional({
    enum: IMPORT_MODES,
    default: 'insert',
    description:
      '`insert` rejects customers whose e-mail address is taken; `upsert` changes them, and accounts (or customers) by the column `id`',
  })
  @IsOptional()
  @IsIn(IMPORT_MODES, { message: `mode must be one of ${IMPORT_MODES.join(', ')}` })
  mode?: ImportMode;

  @ApiPropertyOptional({ enum: ['true', 'false'], default: 'false', description: 'All lines or none' })
  @IsOptional()
  @IsIn(FLAGS, { message: 'atomic must be true or false' })
  atomic?: string;

  @ApiPropertyOptional({ enum: ['true', 'false'], default: 'false', description: 'Only tell what would happen' })
  @IsOptional()
  @IsIn(FLAGS, { message: 'dry_run must be true or false' })
  dry_run?: string;
}

export function toImportOptions({ entity, mode, atomic, dry_run }: ImportQuery): ImportOptions {
  return { entity, mode: mode ?? 'insert', atomic: YES.includes(atomic ?? ''), dryRun: YES.includes(dry_run ?? '') };
}
