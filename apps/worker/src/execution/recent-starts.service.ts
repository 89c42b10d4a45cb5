import type { QueueName } from '@app/jobs';
import { Injectable } from '@nestjs/common';

const REMEMBERED = 1_000;

/** Of which queues the jobs were that this process started last. */
@Injectable()
export class RecentStarts {
  private readonly last: QueueName[] = [];
  private next = 0;

  add(queue: QueueName): void {
    this.last[this.next] = queue;
    this.next = (this.next + 1) % REMEMBERED;
  }

  get counts(): Record<QueueName, number> {
    const counts = { critical: 0, default: 0, low: 0 };
    for (const queue of this.last) counts[queue] += 1;
    return counts;
  }
}
