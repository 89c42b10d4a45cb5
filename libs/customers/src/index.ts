export { CustomersModule } from './customers.module.js';
export type { CustomerInput } from './customers.repository.js';
export { CustomersService } from './customers.service.js';
export { charactersFault, emailFault, MAX_CHARACTERS } from './field-rules.js';
