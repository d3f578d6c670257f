/** Where one is: each screen has a path, so that it can be reloaded, linked to and gone back from. */
import { useMemo, useSyncExternalStore } from "react";

export type NewChatKind = "direct" | "group" | "channel";

export type Route =
  | { readonly screen: "chats" }
  | { readonly screen: "chat"; readonly chatId: string; readonly panel: "details" | "search" | null }
  | { readonly screen: "new"; readonly kind: NewChatKind | null }
  | { readonly screen: "settings" };

const moved = new EventTarget();

/** The path of a screen. */
export function pathOf(route: Route): string {
  switch (route.screen) {
    case "chats":
      return "/";
    case "chat": {
      const chat = `/chats/${encodeURIComponent(route.chatId)}`;
      return route.panel === null ? chat : `${chat}/${route.panel}`;
    }
    case "new":
      return route.kind === null ? "/new" : `/new/${route.kind}`;
    case "settings":
      return "/settings";
  }
}

/** The screen of a path; the list of chats where there is none. */
export function routeOf(path: string): Route {
  const [first, second, third] = path.split("/").filter(Boolean);
  if (first === "chats" && second !== undefined) {
    const panel = third === "details" || third === "search" ? third : null;
    return { screen: "chat", chatId: decoded(second), panel };
  }
  if (first === "new") {
    const kind = second === "direct" || second === "group" || second === "channel" ? second : null;
    return { screen: "new", kind };
  }
  return first === "settings" ? { screen: "settings" } : { screen: "chats" };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // somebody typed a stray %
  }
}

/** Goes to a screen; with `replace`, Back does not return to the one before. */
export function go(route: Route, { replace = false } = {}): void {
  const path = pathOf(route);
  if (path !== window.location.pathname) {
    window.history[replace ? "replaceState" : "pushState"](null, "", path);
    moved.dispatchEvent(new Event("moved"));
  }
}

/** The screen that one is at. */
export function useRoute(): Route {
  const path = useSyncExternalStore(subscribe, () => window.location.pathname);
  return useMemo(() => routeOf(path), [path]);
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  moved.addEventListener("moved", listener);
  return () => {
    window.removeEventListener("popstate", listener);
    moved.removeEventListener("moved", listener);
  };
}
