import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { FOLLOWER } from '../data-source-names.js';
import { DatabasePools } from './database-pools.service.js';
import { PrimaryMonitor } from './primary-monitor.service.js';

/**
 * TypeORM's data source `follower`: the first follower, or the primary where there is none. It is initialized when
 * that server is first seen: doing so at start-up would end the process where it is down.
 */
@Injectable()
export class FollowerDataSource implements OnModuleInit {
  constructor(
    @InjectDataSource(FOLLOWER) private readonly dataSource: DataSource,
    private readonly pools: DatabasePools,
    private readonly primary: PrimaryMonitor,
  ) {}

  onModuleInit(): void {
    if (this.pools.followers.length === 0) this.primary.whenUp(() => this.initializeOnce());
  }

  /** Called with the name of each follower that begins to serve. */
  async followerSeen(name: string): Promise<void> {
    if (name === this.pools.followers[0]?.name) await this.initializeOnce();
  }

  private async initializeOnce(): Promise<void> {
    // A server that went away in this moment is seen again later, and then this is called again.
    if (!this.dataSource.isInitialized) await this.dataSource.initialize().catch(() => undefined);
  }
}
