import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const customerRoutes: RouteRecordRaw[] = [
  {
    path: '/customers',
    name: 'customers',
    component: () => import('./customers-page.vue'),
    meta: { title: messages.customers },
  },
];
