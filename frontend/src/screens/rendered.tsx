/** Renders screens on the fake model for component tests, in a page that has no layout of its own. */
import { cleanup, configure, render } from "@testing-library/react";
import userEvent, { type UserEvent } from "@testing-library/user-event";
import { afterEach, beforeEach, vi } from "vitest";
import "@testing-library/jest-dom/vitest";
import { FakeModel, type FakeOptions } from "../model/fake/fakeModel.ts";
import { ModelProvider } from "../model/hooks.tsx";
import { App } from "./App.tsx";
import { go, type Route } from "./routes.ts";

// On a busy machine too, a test ends only for what will never happen, in ms.
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

const ROW = 40;
const WINDOW = 600;

const SIZES: Readonly<Record<string, (element: HTMLElement) => number>> = {
  offsetWidth: () => WINDOW,
  offsetHeight: heightOf,
  clientHeight: heightOf,
  scrollHeight: (element) => {
    const content = element.querySelector<HTMLElement>(".message-list-content");
    return content === null ? ROW : Number.parseFloat(content.style.height);
  },
};

function heightOf(element: HTMLElement): number {
  return element.classList.contains("message-list-scroller") ? WINDOW : ROW;
}

/** The list draws what fits its window: here every element is as high as a row, and what scrolls as a window. */
export function useLayout(): void {
  beforeEach(() => {
    for (const [name, size] of Object.entries(SIZES)) {
      const get = function (this: HTMLElement): number {
        return size(this);
      };
      Object.defineProperty(HTMLElement.prototype, name, { configurable: true, get });
    }
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
  });
  afterEach(() => {
    cleanup();
    vi.restoreAllMocks();
    go({ screen: "chats" }, { replace: true });
  });
}

/** The whole page at a screen, its model, and somebody who uses it. */
export function show(route: Route, options: FakeOptions = {}): { model: FakeModel; user: UserEvent } {
  const model = new FakeModel(options);
  go(route, { replace: true });
  render(
    <ModelProvider model={model}>
      <App />
    </ModelProvider>,
  );
  return { model, user: userEvent.setup() };
}
