export { MetricsController } from './metrics.controller.js';
export { MetricsModule } from './metrics.module.js';
export { collectStartUpGarbage } from './start-up-garbage.js';
