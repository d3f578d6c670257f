/** The screens on the fake model, which a script steers by `window.gallery`: for screenshots and for tests in a browser. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { FakeModel } from "../src/model/fake/fakeModel.ts";
import { ModelProvider } from "../src/model/hooks.tsx";
import { App } from "../src/screens/App.tsx";
import { go } from "../src/screens/routes.ts";
import { open, SCREENS } from "./screens.ts";
import "../src/styles/index.css";
import ridge from "./ridge.svg";

declare global {
  interface Window {
    gallery: {
      readonly model: FakeModel;
      readonly go: typeof go;
      readonly screens: typeof SCREENS;
      readonly open: (name: string) => Promise<void>;
    };
  }
}

const asked = new URLSearchParams(location.search);
const model = new FakeModel({
  latency: Number(asked.get("latency") ?? 0),
  long: Number(asked.get("long") ?? 500),
  signedIn: !asked.has("signed-out"),
});
Object.assign(model.actions, { mediaUrl: async () => ridge });
window.gallery = { model, go, screens: SCREENS, open: (name) => open(model, name) };
go({ screen: "chats" }, { replace: true });

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <ModelProvider model={model}>
        <App />
      </ModelProvider>
    </StrictMode>,
  );
}
