import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const dashboardRoutes: RouteRecordRaw[] = [
  {
    path: '/',
    name: 'dashboard',
    component: () => import('./dashboard-page.vue'),
    meta: { title: messages.dashboard },
  },
];
