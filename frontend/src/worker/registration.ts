/** The service worker's registration, and what it asks of the page. */

/** Has the page's files kept; a newer version of them, kept at an earlier visit, is shown from now on. */
export async function keepShell(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    if (typeof data === "object" && data !== null && "open" in data && typeof data.open === "string") {
      window.history.pushState(null, "", data.open);
      window.dispatchEvent(new PopStateEvent("popstate"));
    }
  });
  const registration = await serviceWorker.register("/serviceWorker.js");
  if (registration.waiting !== null) {
    serviceWorker.addEventListener("controllerchange", () => window.location.reload(), { once: true });
    registration.waiting.postMessage("takeOver");
  }
}
