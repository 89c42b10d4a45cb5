import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const notFoundRoutes: RouteRecordRaw[] = [
  {
    path: '/:path(.*)*',
    name: 'not-found',
    component: () => import('./not-found-page.vue'),
    meta: { title: messages.notFoundTitle },
  },
];
