import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const accountRoutes: RouteRecordRaw[] = [
  {
    path: '/accounts',
    name: 'accounts',
    component: () => import('./accounts-page.vue'),
    meta: { title: messages.accounts },
  },
];
