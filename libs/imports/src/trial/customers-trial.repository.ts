import { PrimaryDatabase, statement } from '@app/database';
import { Injectable } from '@nestjs/common';

const KNOWN_BY_EMAIL = statement(
  'imports.trial-customers-by-email',
  'SELECT id, email FROM customers WHERE organization_id = $1 AND email = ANY ($2::text[])',
);
const KNOWN_BY_ID = statement(
  'imports.trial-customers-by-id',
  'SELECT id, email FROM customers WHERE organization_id = $1 AND id = ANY ($2::bigint[])',
);
const NOTED = statement(
  'imports.trial-notes',
  'SELECT key, value FROM import_trials WHERE import_id = $1 AND key = ANY ($2::text[])',
);
const NOTE = statement(
  'imports.note-trial',
  `INSERT INTO import_trials (import_id, key, value) SELECT $1, key, value FROM unnest($2::text[], $3::text[]) AS n (key, value)
   ON CONFLICT (import_id, key) DO UPDATE SET value = excluded.value`,
);

export interface KnownCustomer {
  id: number;
  email: string | null;
}

/** What a trial of a file looks at, and what it notes of the lines that it has passed. */
@Injectable()
export class CustomersTrialRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  findByEmail(organizationId: number, emails: readonly string[]): Promise<KnownCustomer[]> {
    return this.primary.query<KnownCustomer>(KNOWN_BY_EMAIL, [organizationId, emails]);
  }

  findById(organizationId: number, ids: readonly number[]): Promise<KnownCustomer[]> {
    return this.primary.query<KnownCustomer>(KNOWN_BY_ID, [organizationId, ids]);
  }

  async notes(importId: string, keys: readonly string[]): Promise<Map<string, string | null>> {
    const rows = await this.primary.query<{ key: string; value: string | null }>(NOTED, [importId, keys]);
    return new Map(rows.map(({ key, value }) => [key, value]));
  }

  async note(importId: string, notes: ReadonlyMap<string, string | null>): Promise<void> {
    if (notes.size === 0) return;
    await this.primary.query(NOTE, [importId, [...notes.keys()], [...notes.values()]]);
  }
}
