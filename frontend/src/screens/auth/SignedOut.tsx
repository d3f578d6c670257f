/** Signing in and everything on the way there. */
import { type ReactNode, useEffect, useState } from "react";
import { useValue } from "../../model/hooks.tsx";
import { Logo } from "../../ui/Logo.tsx";
import { Confirming } from "./Confirming.tsx";
import { ForgotPassword } from "./ForgotPassword.tsx";
import { Resetting } from "./Resetting.tsx";
import { SecondFactor } from "./SecondFactor.tsx";
import { SignIn } from "./SignIn.tsx";
import { SignUp } from "./SignUp.tsx";
import "./SignedOut.css";

export type Door = "signIn" | "signUp" | "forgot";

export default function SignedOut(): ReactNode {
  const account = useValue((state) => state.account);
  const [door, setDoor] = useState<Door>("signIn");
  const { stage } = account;

  // Who turns back from a code is where one signs in, whichever way they had come.
  useEffect(() => {
    if (stage !== "signedOut") {
      setDoor("signIn");
    }
  }, [stage]);

  return (
    <div className="signed-out">
      <div aria-hidden="true" className="signed-out-art">
        <p className="art-bubble art-theirs">Still on for Saturday?</p>
        <p className="art-bubble art-mine">Yes! In the tunnel, but it will arrive.</p>
        <p className="art-bubble art-theirs">It did. 7:40, platform 3.</p>
      </div>
      <main className="signed-out-main">
        <div className="signed-out-card">
          <p className="signed-out-brand">
            <Logo size={34} />
            <span>Parley</span>
          </p>
          {account.stage === "confirming" ? (
            <Confirming sentTo={account.sentTo} />
          ) : account.stage === "resetting" ? (
            <Resetting sentTo={account.sentTo} />
          ) : account.stage === "challenged" ? (
            <SecondFactor />
          ) : door === "signUp" ? (
            <SignUp go={setDoor} />
          ) : door === "forgot" ? (
            <ForgotPassword go={setDoor} />
          ) : (
            <SignIn go={setDoor} />
          )}
        </div>
      </main>
    </div>
  );
}
