import { Injectable } from '@nestjs/common';
import { PrimaryLog } from '../servers/primary-log.service.js';
import { ClientTokens } from './client-tokens.service.js';
import { OwnWrites } from './own-writes.service.js';
import { requestReads } from './request-reads.js';

/** Takes note of what was committed on the primary: the request's answer gets the token of it. */
@Injectable()
export class WriteRecord {
  constructor(
    private readonly log: PrimaryLog,
    private readonly tokens: ClientTokens,
    private readonly ownWrites: OwnWrites,
  ) {}

  /** @param position of the primary's log, told after the commit. */
  committed(organizationIds: Iterable<number>, position: string | null): void {
    const written = this.log.note(position);
    for (const organizationId of organizationIds) this.ownWrites.note(organizationId, written);
    const reads = requestReads();
    if (reads === undefined) return;
    this.tokens.settle(reads);
    this.tokens.compare(reads, written);
    reads.noteWritten(written);
  }
}
