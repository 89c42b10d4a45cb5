import { PrimaryDatabase } from '@app/database';
import { Injectable } from '@nestjs/common';

/** The partitions of the log. DDL of the database's own functions: a role without the right to it may call them. */
@Injectable()
export class PartitionsRepository {
  constructor(private readonly primary: PrimaryDatabase) {}

  async ensure(): Promise<void> {
    await this.primary.query('SELECT change_log_ensure_partitions()');
  }

  async drop(days: number): Promise<number> {
    const text = 'SELECT change_log_drop_partitions(now() - make_interval(days => $1)) AS dropped';
    return (await this.primary.query<{ dropped: number }>(text, [days]))[0]?.dropped ?? 0;
  }
}
