/// <reference types="vite/client" />
import 'vue-router';

declare module 'vue-router' {
  interface RouteMeta {
    /** The page's name: the document's title and what is announced on arrival. */
    title: string;
    /** Whether it may be seen without having signed in. */
    isPublic?: boolean;
  }
}
