/** The service worker: keeps the page's files so that it opens without a network, and shows notifications. */
/// <reference lib="webworker" />
import { notificationOf, pathOf } from "./notifications.ts";

declare const self: ServiceWorkerGlobalScope;

/** What the page is made of; written in when it is built. */
declare const __SHELL__: { readonly version: string; readonly files: readonly string[] };

const SHELL = __SHELL__;
const CACHE = `parley-${SHELL.version}`;
/** Where the stack is: as it was known last, renewed at each visit. */
const CONFIGURATION = "/config.json";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll([...SHELL.files, CONFIGURATION])));
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
  if (pathname === CONFIGURATION) {
    event.respondWith(renewed(event));
  } else if (request.mode === "navigate") {
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

/** What is kept, at once, and the newest for the next visit. */
async function renewed(event: FetchEvent): Promise<Response> {
  const cache = await caches.open(CACHE);
  const newest = fetch(event.request).then(async (response) => {
    if (response.ok) {
      await cache.put(CONFIGURATION, response.clone());
    }
    return response;
  });
  const kept = await cache.match(CONFIGURATION);
  if (kept === undefined) {
    return newest;
  }
  event.waitUntil(newest.catch(() => undefined)); // without a network, what is kept is good
  return kept;
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
