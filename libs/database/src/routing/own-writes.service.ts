import { Injectable } from '@nestjs/common';
import { later, type WalPosition } from '../positions/consistency-token.js';

const MAX_REMEMBERED = 10_000;

/**
 * How far the log was when each organization last wrote through this process. Clients of the Go service send no
 * consistency token, and who creates a customer and then looks at the totals must find it there; without this, one such
 * look in eight missed it on an idle machine. Other processes' writes are not known here: tokens are for that.
 */
@Injectable()
export class OwnWrites {
  private readonly latest = new Map<number, WalPosition>();

  note(organizationId: number, position: WalPosition | undefined): void {
    if (position === undefined) return;
    // Answers to two writes at once may come in either order.
    const latest = later(this.latest.get(organizationId), position);
    // Set anew rather than changed, so that the map stays in order of time and the oldest is the first.
    this.latest.delete(organizationId);
    if (latest !== undefined) this.latest.set(organizationId, latest);
    const [oldest] = this.latest.keys();
    if (this.latest.size > MAX_REMEMBERED && oldest !== undefined) this.latest.delete(oldest);
  }

  /** Undefined where the organization has written nothing that is remembered. */
  of(organizationId: number | undefined): WalPosition | undefined {
    return organizationId === undefined ? undefined : this.latest.get(organizationId);
  }
}
