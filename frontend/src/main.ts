import './styles/main.css';
import { VueQueryPlugin } from '@tanstack/vue-query';
import { createApp } from 'vue';
import { queryClient } from './api/query-client';
import App from './app.vue';
import { guard } from './router/guards';
import { router } from './router/router';
import { sendSeenWithCalls } from './session/send-seen';
import { sendTokenWithCalls } from './session/send-token';

sendTokenWithCalls();
sendSeenWithCalls();
guard(router);
createApp(App).use(VueQueryPlugin, { queryClient }).use(router).mount('#app');
