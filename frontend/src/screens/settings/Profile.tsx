/** How others see one. */
import type { ReactNode } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import { Button } from "../../ui/Button.tsx";
import { Field } from "../../ui/Field.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { nameOf } from "../../ui/names.ts";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";
import { OwnPicture } from "./OwnPicture.tsx";

export function Profile(): ReactNode {
  const actions = useActions();
  const account = useValue((state) => state.account);
  const task = useTask();
  const toast = useToast();
  if (account.stage !== "signedIn") {
    return null;
  }
  const { me } = account;
  return (
    <section>
      <h3>Profile</h3>
      <p className="profile">
        <bdi>{nameOf(me)}</bdi>
        <small>@{me.username}</small>
      </p>
      <OwnPicture me={me} />
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          const fields = new FormData(event.currentTarget);
          const displayName = String(fields.get("displayName")).trim();
          const changes = {
            about: String(fields.get("about")).trim(),
            ...(displayName ? { displayName } : {}),
          };
          void task.run(
            () => actions.updateProfile(changes),
            () => toast("Saved."),
          );
        }}
      >
        <Field
          autoComplete="name"
          defaultValue={me.displayName ?? ""}
          label="Name"
          maxLength={64}
          name="displayName"
        />
        <label className="field">
          <span>About you</span>
          <textarea
            className="input"
            defaultValue={me.about ?? ""}
            dir="auto"
            maxLength={280}
            name="about"
            rows={3}
          />
        </label>
        <Problem text={task.problem} />
        <Button busy={task.busy} className="settings-save" kind="primary" type="submit">
          Save
        </Button>
      </form>
    </section>
  );
}
