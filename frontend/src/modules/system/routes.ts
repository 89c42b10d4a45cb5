import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const systemRoutes: RouteRecordRaw[] = [
  {
    path: '/system',
    name: 'system',
    component: () => import('./system-page.vue'),
    meta: { title: messages.system },
  },
];
