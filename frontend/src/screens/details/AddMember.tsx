/** Adds somebody to a group. */
import { type ReactNode, useState } from "react";
import { useActions } from "../../model/hooks.tsx";
import type { ChatRow, Member } from "../../model/state.ts";
import { Dialog } from "../../ui/Dialog.tsx";
import { Problem } from "../../ui/Notice.tsx";
import { isolated, nameOf } from "../../ui/names.ts";
import { useToast } from "../../ui/Toast.tsx";
import { useTask } from "../../ui/useTask.ts";
import { PeopleFinder } from "../newChat/PeopleFinder.tsx";

interface AddMemberProps {
  readonly chat: ChatRow;
  readonly members: readonly Member[];
  readonly onClose: () => void;
}

export function AddMember({ chat, members, onClose }: AddMemberProps): ReactNode {
  const actions = useActions();
  const task = useTask();
  const toast = useToast();
  const [here] = useState(() => new Set(members.map((member) => member.user.userId)));
  return (
    <Dialog onClose={onClose} title={`Add to ${isolated(chat.title)}`}>
      <PeopleFinder
        isLeftOut={(user) => here.has(user.userId)}
        onChoose={(user) =>
          void task.run(
            () => actions.addMember(chat.chatId, user.userId),
            () => {
              toast(`${isolated(nameOf(user))} is in.`);
              onClose();
            },
          )
        }
      />
      <Problem text={task.problem} />
    </Dialog>
  );
}
