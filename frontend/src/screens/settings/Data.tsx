/** What the service keeps of one: an archive of it to take away, and the end of the account. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { Export } from "../../model/state.ts";
import { Button } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";
import { Icon } from "../../ui/icons.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { useTask } from "../../ui/useTask.ts";

/** So often is looked whether the archive is ready, in ms. */
const LOOK_AGAIN = 3000;

export function Data(): ReactNode {
  const actions = useActions();
  const username = useValue((state) => (state.account.stage === "signedIn" ? state.account.me.username : ""));
  const [isDeleting, setDeleting] = useState(false);
  return (
    <section>
      <h3>Your data</h3>
      <Archive />
      <p>Deleting your account empties every message of yours, everywhere, and cannot be taken back.</p>
      <Button icon="delete" kind="danger" onClick={() => setDeleting(true)}>
        Delete my account
      </Button>
      {isDeleting && (
        <Confirm
          action="Delete my account"
          onClose={() => setDeleting(false)}
          onConfirm={actions.deleteAccount}
          title="Delete your account?"
          word={username}
        >
          You are signed out everywhere, leave every chat, and what you wrote is emptied. This takes minutes
          and cannot be taken back.
        </Confirm>
      )}
    </section>
  );
}

function Archive(): ReactNode {
  const actions = useActions();
  const task = useTask();
  const { run } = task;
  const [archive, setArchive] = useState<Export | null>(null);

  useEffect(() => void run(actions.exportState, setArchive), [actions, run]);

  useEffect(() => {
    if (archive?.state !== "preparing") {
      return;
    }
    const timer = setTimeout(() => void run(actions.exportState, setArchive), LOOK_AGAIN);
    return () => clearTimeout(timer);
  }, [actions, archive, run]);

  return (
    <>
      <p>An archive of everything that you have written, as one JSON file.</p>
      {archive?.state === "ready" && archive.url !== null ? (
        <a
          className="button button-primary"
          download="parley.json"
          href={archive.url}
          rel="noopener noreferrer"
          target="_blank"
        >
          <Icon name="download" size={18} />
          <span>Download the archive</span>
        </a>
      ) : (
        <Button
          busy={task.busy || archive?.state === "preparing"}
          icon="download"
          onClick={() => void run(actions.requestExport, setArchive)}
        >
          {archive?.state === "preparing" ? "Preparing the archive" : "Make an archive"}
        </Button>
      )}
      <Problem text={task.problem} />
    </>
  );
}
