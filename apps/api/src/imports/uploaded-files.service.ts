import { Readable } from 'node:stream';
import { Configuration } from '@app/config';
import { DomainError } from '@app/errors';
import { tooLarge } from '@app/imports';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { multipartFile } from './multipart-file.js';

/** What the other parts of a multipart body may add to the length of the file. */
const MULTIPART_BYTES = 1_048_576;

/** The file that a request carries, in the body or as a part of it. */
@Injectable()
export class UploadedFiles {
  constructor(@Inject(Configuration) private readonly configuration: Configuration) {}

  /**
   * The file's bytes as they come; the request stays usable for its answer however they end.
   *
   * @throws DomainError `unsupported_media_type`; `payload_too_large` where the length is announced.
   */
  open(request: FastifyRequest): AsyncIterable<Buffer> {
    const { headers, body } = request;
    if (!(body instanceof Readable)) throw unsupported('Send text/csv, or multipart/form-data with a part named file');
    if (!['', 'identity'].includes(String(headers['content-encoding'] ?? ''))) {
      throw unsupported('Send the file as it is, without a content-encoding');
    }
    const { maxBytes } = this.configuration.imports;
    const isMultipart = String(headers['content-type']).toLowerCase().startsWith('multipart/');
    if (Number(headers['content-length'] ?? 0) > maxBytes + (isMultipart ? MULTIPART_BYTES : 0))
      throw tooLarge(maxBytes);
    // Destroying a request before its end would take the connection away, and the answer with it.
    return isMultipart ? multipartFile(request) : request.raw.iterator({ destroyOnReturn: false });
  }
}

function unsupported(message: string): DomainError {
  return new DomainError('unsupported_media_type', message);
}
