import type { QueueName } from '@app/jobs';
import { TICKETS } from './queue-weights.js';

/**
 * Decides for each free slot in which order the queues are tried. Ten tickets, six to three to one, are drawn without
 * being put back: of any ten draws in a row from a full hat six begin with `critical`, so the shares hold over short
 * times too, where independent draws would scatter.
 */
export class QueueLottery {
  private hat: QueueName[] = [];

  /** @param random 0 to 1, 1 excluded. */
  constructor(private readonly random: () => number = Math.random) {}

  /**
   * @param eligible the queues that may have work and room; none of the others comes up.
   * @returns each of them once.
   */
  draw(eligible: ReadonlySet<QueueName>): QueueName[] {
    const order: QueueName[] = [];
    const rest = new Set(eligible);
    let tickets = this.hat;
    while (rest.size > 0) {
      let candidates = tickets.filter((name) => rest.has(name));
      if (candidates.length === 0) {
        tickets = [...TICKETS];
        // Tickets of queues that had no work are thrown away with the hat: nobody saves up a claim.
        if (order.length === 0) this.hat = tickets;
        candidates = tickets.filter((name) => rest.has(name));
      }
      const name = candidates[Math.floor(this.random() * candidates.length)] as QueueName;
      if (order.length === 0) this.hat.splice(this.hat.indexOf(name), 1);
      order.push(name);
      rest.delete(name);
    }
    return order;
  }
}
