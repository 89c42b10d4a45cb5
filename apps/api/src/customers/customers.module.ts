import { CustomersModule } from '@app/customers';
import { Module } from '@nestjs/common';
import { CustomersController } from './customers.controller.js';

@Module({ imports: [CustomersModule], controllers: [CustomersController] })
export class CustomersApiModule {}
