import type { RouteRecordRaw } from 'vue-router';
import { messages } from './messages';

export const signInRoutes: RouteRecordRaw[] = [
  {
    path: '/sign-in',
    name: 'sign-in',
    component: () => import('./sign-in-page.vue'),
    meta: { title: messages.signIn, isPublic: true },
  },
  {
    path: '/register',
    name: 'register',
    component: () => import('./register-page.vue'),
    meta: { title: messages.register, isPublic: true },
  },
];
