import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { PRIMARY } from '../data-source-names.js';
import { PrimaryMonitor } from './primary-monitor.service.js';

/** Initializes TypeORM's data source `primary` once the primary has been reached, however late that is. */
@Injectable()
export class PrimaryDataSource implements OnModuleInit {
  constructor(
    @InjectDataSource(PRIMARY) private readonly dataSource: DataSource,
    private readonly monitor: PrimaryMonitor,
  ) {}

  onModuleInit(): void {
    this.monitor.whenUp(async () => {
      if (!this.dataSource.isInitialized) await this.dataSource.initialize().catch(() => undefined);
    });
  }
}
