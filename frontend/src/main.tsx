/** Where the page begins: the model, and the screens that show it. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadConfiguration } from "./driver/configuration.ts";
import { painted } from "./driver/painted.ts";
import { ModelProvider } from "./model/hooks.tsx";
import { LiveModel } from "./model/live/liveModel.ts";
import type { ChatModel } from "./model/model.ts";
import { App } from "./screens/App.tsx";
import { routeOf } from "./screens/routes.ts";
import { keepShell } from "./worker/registration.ts";
import "./styles/index.css";

async function openModel(): Promise<ChatModel> {
  if (import.meta.env.MODE === "demo") {
    const { FakeModel } = await import("./model/fake/fakeModel.ts");
    return new FakeModel({ latency: 300, long: 50_000, signedIn: !location.search.includes("signed-out") });
  }
  const route = routeOf(location.pathname);
  return LiveModel.start(loadConfiguration(), route.screen === "chat" ? route.chatId : null);
}

const root = document.getElementById("root");
if (root === null) {
  throw new Error("index.html has no element #root.");
}
const model = await openModel();
createRoot(root).render(
  <StrictMode>
    <ModelProvider model={model}>
      <App />
    </ModelProvider>
  </StrictMode>,
);
if (import.meta.env.PROD) {
  void painted().then(keepShell);
}
