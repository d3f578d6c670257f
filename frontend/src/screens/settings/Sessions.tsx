/** Where one is signed in: this device, and all of them. */
import { type ReactNode, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";

export function Sessions(): ReactNode {
  const actions = useActions();
  const waiting = useValue((state) => state.connection.waiting);
  const [asked, setAsked] = useState<"here" | "everywhere" | null>(null);
  const lost =
    waiting === 0
      ? ""
      : ` ${waiting === 1 ? "One message waits" : `${waiting} messages wait`} to be sent and will be lost.`;
  return (
    <section>
      <h3>Devices</h3>
      <p>Signing out forgets everything that is kept on the device. A lost phone? Sign out everywhere.</p>
      <div className="settings-buttons">
        <Button icon="leave" onClick={() => setAsked("here")}>
          Sign out here
        </Button>
        <Button icon="devices" onClick={() => setAsked("everywhere")}>
          Sign out everywhere
        </Button>
      </div>
      {asked !== null && (
        <Confirm
          action="Sign out"
          onClose={() => setAsked(null)}
          onConfirm={() => actions.signOut(asked)}
          title={asked === "here" ? "Sign out of this device?" : "Sign out everywhere?"}
        >
          {asked === "here"
            ? "Your chats stay with the service, and are here again when you sign in."
            : "Every device of yours is signed out now, this one too."}
          {lost}
        </Confirm>
      )}
    </section>
  );
}
