import { Module } from '@nestjs/common';
import { CustomersQueries } from './customers.queries.js';
import { CustomersRepository } from './customers.repository.js';
import { CustomersService } from './customers.service.js';

@Module({ providers: [CustomersQueries, CustomersRepository, CustomersService], exports: [CustomersService] })
export class CustomersModule {}
