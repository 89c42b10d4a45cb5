import { createHash, type Hash } from 'node:crypto';
import { Configuration } from '@app/config';
import { TransactionRunner } from '@app/database';
import { DomainError } from '@app/errors';
import { JobsService, type RequestedJob, requestFingerprint } from '@app/jobs';
import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import { mapColumns } from '../header/column-map.js';
import { type FileHeader, HeaderReader } from '../header/header-reader.js';
import type { ImportOptions } from '../import-options.js';
import { CHUNK_BYTES, fileChunks } from './file-chunks.js';
import { limitedSource } from './limited-source.js';
import { UploadSlots } from './upload-slots.js';
import { UploadsRepository } from './uploads.repository.js';

const JOB_TYPE = { customers: 'import-customers', accounts: 'import-accounts' } as const;

interface ReceivedFile {
  id: string;
  bytes: number;
  hash: Hash;
}

/** Takes files in: their bytes go to the primary as they come, and a job is asked for when all are there. */
@Injectable()
export class ImportUploads implements BeforeApplicationShutdown {
  private readonly slots: UploadSlots;
  private readonly stopping = new AbortController();

  constructor(
    private readonly uploads: UploadsRepository,
    private readonly jobs: JobsService,
    private readonly transactions: TransactionRunner,
    @Inject(Configuration) private readonly configuration: Configuration,
  ) {
    this.slots = new UploadSlots(configuration.imports.maxUploads);
  }

  /** A server that stops can't wait for the end of a file, which may be an hour away. */
  beforeApplicationShutdown(): void {
    const message = 'The server is about to stop: send the file again';
    this.stopping.abort(new DomainError('not_ready', message, { retryAfterSeconds: 5 }));
  }

  /**
   * Receives a file of any size in constant memory. Once this has resolved, the file and its job are durable; when it fails, or when
   * this process is killed, nothing counts.
   *
   * @param idempotencyKey the same file with the same options and key is the same job; the caller is told by `isReplayed`.
   * @throws DomainError `validation_failed` as soon as the first line tells that this can't be imported; `payload_too_large`,
   * `request_timeout`, `malformed_body`, `import_slots_exhausted`, `not_ready` (this process stops), `idempotency_key_reused`, `primary_unavailable`.
   */
  async receive(
    organizationId: number,
    options: ImportOptions,
    source: AsyncIterable<Buffer>,
    idempotencyKey?: string,
  ): Promise<RequestedJob> {
    const { imports } = this.configuration;
    const release = this.slots.take(organizationId);
    let begun: string | undefined;
    try {
      const limited = limitedSource(source, { ...imports, signal: this.stopping.signal });
      const file = await this.store(organizationId, options, limited, (id) => {
        begun = id;
      });
      const job = await this.finish(organizationId, options, file, idempotencyKey);
      // Of a repeated request nothing is needed but the answer.
      if (job.isReplayed) await this.remove(file.id);
      return job;
    } catch (error) {
      if (begun !== undefined) await this.remove(begun);
      throw error;
    } finally {
      release();
    }
  }

  /** What can't be taken away now (GiBs may take longer than a statement may) is taken away by `purge`: it is nobody's failure. */
  private async remove(id: string): Promise<void> {
    await this.uploads.remove(id).catch(() => undefined);
  }

  private async store(
    organizationId: number,
    options: ImportOptions,
    source: AsyncIterable<Buffer>,
    onBegin: (id: string) => void,
  ): Promise<ReceivedFile> {
    const hash = createHash('sha256');
    let id = '';
    let number = 0;
    let bytes = 0;
    const begin = async (header: FileHeader): Promise<void> => {
      mapColumns(header.names, options.entity, options.mode);
      id = await this.uploads.create(organizationId, options, header, CHUNK_BYTES);
      onBegin(id);
    };
    for await (const chunk of fileChunks(afterHeader(source, begin))) {
      hash.update(chunk);
      await this.uploads.addChunk(id, number, chunk);
      number += 1;
      bytes += chunk.length;
    }
    return { id, bytes, hash };
  }

  private finish(
    organizationId: number,
    options: ImportOptions,
    { id, bytes, hash }: ReceivedFile,
    idempotencyKey: string | undefined,
  ): Promise<RequestedJob> {
    const digest = hash.digest('base64url');
    const fingerprint = requestFingerprint({ ...options, digest });
    return this.transactions.run(async () => {
      const type = JOB_TYPE[options.entity];
      const job = await this.jobs.request(organizationId, type, { import_id: id }, { idempotencyKey, fingerprint });
      if (!job.isReplayed) await this.uploads.finish(id, bytes, job.id);
      return job;
    });
  }
}

/** The whole file again, once its first line has come and was found good. */
async function* afterHeader(
  source: AsyncIterable<Buffer>,
  begin: (header: FileHeader) => Promise<void>,
): AsyncGenerator<Buffer> {
  const reader = new HeaderReader();
  let head: Buffer[] | undefined = [];
  for await (const bytes of source) {
    if (head === undefined) {
      yield bytes;
      continue;
    }
    head.push(bytes);
    const header = reader.read(bytes);
    if (header === null) continue;
    await begin(header);
    yield* head;
    head = undefined;
  }
  if (head === undefined) return;
  await begin(reader.end());
  yield* head;
}
