import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router';
import { accountRoutes } from '../modules/accounts/routes';
import { customerOverviewRoutes } from '../modules/customer-overview/routes';
import { customerRoutes } from '../modules/customers/routes';
import { dashboardRoutes } from '../modules/dashboard/routes';
import { signInRoutes } from '../modules/sign-in/routes';
import { systemRoutes } from '../modules/system/routes';
import { notFoundRoutes } from './not-found.routes';

const routes: RouteRecordRaw[] = [
  ...signInRoutes,
  ...dashboardRoutes,
  ...customerRoutes,
  ...customerOverviewRoutes,
  ...accountRoutes,
  ...systemRoutes,
  ...notFoundRoutes,
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior(to, from, saved) {
    if (saved) return saved;
    const isSameView = to.path === from.path && to.query.cursor === from.query.cursor;
    return isSameView ? undefined : { top: 0 };
  },
});
