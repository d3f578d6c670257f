/** Web Push: this browser's subscription, made by a gesture only, and told to the service. */
import type { Api } from "./api.ts";
import { RequestRefused } from "./errors.ts";
import type { Storage } from "./storage.ts";

export type PushState = "unavailable" | "off" | "on" | "denied";

/** How things stand, without asking anybody for anything. */
export async function pushState(storage: Storage): Promise<PushState> {
  if (!("PushManager" in window) || !("Notification" in window)) {
    return "unavailable";
  }
  if (Notification.permission === "denied") {
    return "denied";
  }
  return (await currentSubscription(storage)) === null ? "off" : "on";
}

/** The id by which the service knows this browser's subscription; null for none. */
export async function currentSubscription(storage: Storage): Promise<string | null> {
  return storage.pushSubscription();
}

/** Asks the user for leave, then subscribes. To be called by a gesture. */
export async function subscribe(api: Api, storage: Storage): Promise<PushState> {
  if ((await Notification.requestPermission()) !== "granted") {
    return Notification.permission === "denied" ? "denied" : "off";
  }
  try {
    const { key } = await api.pushKey();
    const registration = await navigator.serviceWorker.ready;
    const subscription = await registration.pushManager.subscribe({
      userVisibleOnly: true,
      applicationServerKey: key,
    });
    await tell(api, storage, subscription);
    return "on";
  } catch (fault) {
    if (fault instanceof RequestRefused && fault.code !== "too_many_subscriptions") {
      return "unavailable"; // the stack has no Web Push, or does not know this browser's service
    }
    throw fault;
  }
}

/** Tells the service of the subscription again, as at each start: browsers renew theirs. */
export async function renew(api: Api, storage: Storage): Promise<void> {
  if ((await storage.pushSubscription()) === null) {
    return;
  }
  const registration = await navigator.serviceWorker.ready;
  const subscription = await registration.pushManager.getSubscription();
  await (subscription === null ? storage.setPushSubscription(null) : tell(api, storage, subscription));
}

export async function unsubscribe(api: Api, storage: Storage): Promise<void> {
  const subscriptionId = await storage.pushSubscription();
  if (subscriptionId !== null) {
    await api.unsubscribe(subscriptionId);
    await storage.setPushSubscription(null);
  }
  const registration = await navigator.serviceWorker.getRegistration();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

async function tell(api: Api, storage: Storage, subscription: PushSubscription): Promise<void> {
  const { endpoint = "", keys = {} } = subscription.toJSON();
  const { p256dh = "", auth = "" } = keys;
  const { subscriptionId } = await api.subscribe({ endpoint, keys: { p256dh, auth } });
  await storage.setPushSubscription(subscriptionId);
}
