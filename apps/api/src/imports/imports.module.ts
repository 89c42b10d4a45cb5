import { ImportsModule } from '@app/imports';
import { Module } from '@nestjs/common';
import { ImportsController } from './imports.controller.js';
import { UploadedFiles } from './uploaded-files.service.js';

@Module({ imports: [ImportsModule], controllers: [ImportsController], providers: [UploadedFiles] })
export class ImportsApiModule {}
