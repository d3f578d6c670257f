/** The service worker: keeps the page's files so that it opens without a network, and shows notifications. */
/// <reference lib="webworker" />
import { notificationOf, pathOf } from "./notifications.ts";

declare const self: ServiceWorkerGlobalScope;

/** What the page is made of; written in when it is built. */
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] };

const SHELL = __SHELL__;
const CACHE = `parley-${SHELL.version}`;

/** Where a browser has it, what the cache answers for so many paths does not even start this worker. */
interface Routing {
  addRoutes?: (
    rules: readonly {
      readonly condition: { readonly urlPattern: string };
      readonly source: { readonly cacheName: string };
    }[],
  ) => Promise<void>;
}

self.addEventListener("install", (event: ExtendableEvent & Routing) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(SHELL.files)));
  const source = { cacheName: CACHE };
  event.addRoutes?.(["/", "/assets/*"].map((urlPattern) => ({ condition: { urlPattern }, source })));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => self.clients.claim()));
});

self.addEventListener("message", (event) => {
  if (event.data === "takeOver") {
    void self.skipWaiting();
  }
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) {
    return;
  }
  if (request.mode === "navigate") {
    event.respondWith(cached("/", request));
  } else if (SHELL.files.includes(pathname)) {
    event.respondWith(cached(pathname, request));
  }
});

self.addEventListener("push", (event) => {
  const notification = notificationOf(event.data?.json());
  if (notification !== null) {
    const { title, ...options } = notification;
    event.waitUntil(self.registration.showNotification(title, options));
  }
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(pathOf(event.notification.data)));
});

async function cached(name: string, request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(name)) ?? fetch(request);
}

async function forgetOthers(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)));
}

/** Shows a chat in a window that is open, or in a new one. */
async function open(path: string): Promise<void> {
  const [window] = await self.clients.matchAll({ type: "window" });
  if (window === undefined) {
    await self.clients.openWindow(path);
    return;
  }
  window.postMessage({ open: path });
  await window.focus();
}
