import { fileURLToPath } from 'node:url';
import vue from '@vitejs/plugin-vue';
import { defineConfig, loadEnv } from 'vite';
import { blockingScript } from './build/blocking-script.ts';
import { keepUsedBootstrap } from './build/bootstrap-parts.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

export default defineConfig(({ mode }) => ({
  root,
  base: loadEnv(mode, root, 'ASSET_BASE_URL').ASSET_BASE_URL || '/',
  plugins: [vue(), blockingScript('src/layout/apply-theme.js')],
  css: { postcss: { plugins: [keepUsedBootstrap()] } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    manifest: true,
    // The content security policy allows no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(['/api', '/health', '/swagger'].map((path) => [path, 'http://127.0.0.1:8080'])),
  },
}));
