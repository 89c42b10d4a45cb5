import { Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PRIMARY } from '../data-source-names.js';
import { PrimaryMonitor } from './primary-monitor.service.js';

const TRY_AGAIN_MS = 500;

/** Initializes TypeORM's data source `primary` once the primary has been reached, however late that is. */
@Injectable()
export class PrimaryDataSource implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @InjectDataSource(PRIMARY) private readonly dataSource: DataSource,
    private readonly monitor: PrimaryMonitor,
  ) {}

  get isInitialized(): boolean {
    return this.dataSource.isInitialized;
  }

  onModuleInit(): void {
    this.monitor.whenUp(() => this.initialize());
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
  }

  private async initialize(): Promise<void> {
    clearTimeout(this.timer);
    if (this.dataSource.isInitialized) return;
    await this.dataSource.initialize().catch(() => {
      // It answered the probe and then failed: going away again, or out of connections. Readiness waits meanwhile.
      this.timer = setTimeout(() => void this.initialize(), TRY_AGAIN_MS);
      this.timer.unref();
    });
  }
}
