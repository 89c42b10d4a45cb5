import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const customerOverviewRoutes: RouteRecordRaw[] = [
  {
    path: '/customers/:id(\\d+)',
    name: 'customer',
    component: () => import('./customer-page.vue'),
    props: ({ params }) => ({ id: Number(params.id) }),
    meta: { title: messages.customer },
  },
];
