/** The whole page: who is not signed in signs in, who is sees the chats. */
import { lazy, type ReactNode, Suspense } from "react";
import { useValue } from "../model/hooks.tsx";
import { Announcer } from "../ui/Announcer.tsx";
import { Logo } from "../ui/Logo.tsx";
import { Toasts } from "../ui/Toast.tsx";
import { showTheme } from "../ui/theme.ts";
import { Home } from "./Home.tsx";
import "./App.css";

const SignedOut = lazy(() => import("./auth/SignedOut.tsx"));

showTheme();

export function App(): ReactNode {
  const stage = useValue((state) => state.account.stage);
  return (
    <Announcer>
      <Toasts>
        {stage === "signedIn" ? (
          <Home />
        ) : stage === "starting" ? (
          <Splash />
        ) : (
          <Suspense fallback={<Splash />}>
            <SignedOut />
          </Suspense>
        )}
      </Toasts>
    </Announcer>
  );
}

/** Shown for a moment while this device's own state is read. */
function Splash(): ReactNode {
  return (
    <main aria-busy="true" aria-label="Parley" className="splash">
      <Logo size={56} />
    </main>
  );
}
