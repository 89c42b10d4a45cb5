import { DomainError } from '@app/errors';

/**
 * Lets so many uploads in at once, and of one organization at most half of them (one at least): an upload may take an hour, and a
 * member who makes all of theirs last keeps no other organization out.
 */
export class UploadSlots {
  private readonly taken = new Map<number, number>();
  private readonly ofOneOrganization: number;
  private total = 0;

  constructor(private readonly count: number) {
    this.ofOneOrganization = Math.max(1, Math.floor(count / 2));
  }

  /**
   * @returns what gives the slot back; to be called once.
   * @throws DomainError `import_slots_exhausted`
   */
  take(organizationId: number): () => void {
    const own = this.taken.get(organizationId) ?? 0;
    if (this.total >= this.count) throw exhausted('Too many files are being uploaded');
    if (own >= this.ofOneOrganization) throw exhausted('Your organization is uploading too many files');
    this.add(organizationId, 1);
    return () => this.add(organizationId, -1);
  }

  private add(organizationId: number, change: 1 | -1): void {
    const own = (this.taken.get(organizationId) ?? 0) + change;
    if (own === 0) this.taken.delete(organizationId);
    else this.taken.set(organizationId, own);
    this.total += change;
  }
}

function exhausted(what: string): DomainError {
  return new DomainError('import_slots_exhausted', `${what}, try again in a moment`, { retryAfterSeconds: 5 });
}
