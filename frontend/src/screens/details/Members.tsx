/** Who is in a group, or who runs a channel, with what one may change about that. */
import { type ReactNode, useRef, useState } from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { ChatRow, Conversation, Member, Role } from "../../model/state.ts";
import { Avatar } from "../../ui/Avatar.tsx";
import { Button, IconButton } from "../../ui/Button.tsx";
import { Confirm } from "../../ui/Confirm.tsx";
import { Menu, type MenuItem } from "../../ui/Menu.tsx";
import { isolated, nameOf } from "../../ui/names.ts";
import { Spinner } from "../../ui/Spinner.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useRovingFocus } from "../../ui/useRovingFocus.ts";
import { sentenceOf } from "../../ui/useTask.ts";
import { go } from "../routes.ts";
import { AddMember } from "./AddMember.tsx";

interface MembersProps {
  readonly chat: ChatRow;
  readonly conversation: Conversation;
}

export function Members({ chat, conversation }: MembersProps): ReactNode {
  const { members, may } = conversation;
  const [isAdding, setAdding] = useState(false);
  const list = useRef<HTMLUListElement>(null);
  const moveFocus = useRovingFocus(list);
  return (
    <section className="members">
      <header>
        <h3>
          {chat.kind === "channel" ? "Owners and admins" : `Members${members ? ` · ${members.length}` : ""}`}
        </h3>
        {may.addMembers && (
          <Button icon="add" kind="quiet" onClick={() => setAdding(true)}>
            Add
          </Button>
        )}
      </header>
      {members === null ? (
        <Spinner label="Loading the members" />
      ) : (
        <ul onKeyDown={moveFocus} ref={list}>
          {members.map((member) => (
            <MemberRow chat={chat} conversation={conversation} key={member.user.userId} member={member} />
          ))}
        </ul>
      )}
      {isAdding && <AddMember chat={chat} members={members ?? []} onClose={() => setAdding(false)} />}
    </section>
  );
}

function MemberRow({ chat, conversation, member }: MembersProps & { readonly member: Member }): ReactNode {
  const me = useValue((state) => (state.account.stage === "signedIn" ? state.account.me.userId : ""));
  const { user, role } = member;
  const name = nameOf(user);
  const isMe = user.userId === me;
  const [isRemoving, setRemoving] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const anchor = useRef<HTMLButtonElement>(null);
  const items = useMemberItems(chat, conversation, member, isMe, () => setRemoving(true));
  const actions = useActions();
  return (
    <li className="member">
      <Avatar id={user.userId} name={name} online={member.presence?.online} size="small" />
      <span className="member-name">
        <bdi>{name}</bdi>
        {isMe && " (you)"}
      </span>
      {role !== "member" && <span className="member-role">{role}</span>}
      {items.length > 0 && (
        <IconButton
          aria-expanded={isOpen}
          aria-haspopup="menu"
          data-roving=""
          icon="more"
          label={`More about ${name}`}
          onClick={() => setOpen(!isOpen)}
          ref={anchor}
          small
        />
      )}
      {isOpen && anchor.current && (
        <Menu anchor={anchor.current} items={items} label={name} onClose={() => setOpen(false)} />
      )}
      {isRemoving && (
        <Confirm
          action="Remove"
          onClose={() => setRemoving(false)}
          onConfirm={() => actions.removeMember(chat.chatId, user.userId)}
          title={`Remove ${isolated(name)}?`}
        >
          They cannot read or write here any more. What they wrote stays.
        </Confirm>
      )}
    </li>
  );
}

/** What one may do with a member: docs/protocol.md, Groups and channels. */
function useMemberItems(
  chat: ChatRow,
  { may }: Conversation,
  { user, role }: Member,
  isMe: boolean,
  remove: () => void,
): readonly MenuItem[] {
  const actions = useActions();
  const toast = useToast();
  const give = (to: Role) => () =>
    void actions.setRole(chat.chatId, user.userId, to).catch((error) => toast(sentenceOf(error)));
  const write = async () => {
    try {
      go({ screen: "chat", chatId: await actions.createDirectChat(user.userId), panel: null });
    } catch (error) {
      toast(sentenceOf(error));
    }
  };
  const isOthersOwner = role === "owner" && !isMe;
  const mayGive = may.giveRoles && !isOthersOwner;
  const mayRemove = !isMe && may.removeMembers && (may.giveRoles ? role !== "owner" : role === "member");
  const items: readonly (MenuItem | false)[] = [
    !isMe && { label: "Write to them", icon: "chat", run: () => void write() },
    mayGive && role !== "owner" && { label: "Make an owner", icon: "shield", run: give("owner") },
    mayGive && role !== "admin" && { label: "Make an admin", icon: "shield", run: give("admin") },
    mayGive && role !== "member" && { label: "Make a member", icon: "person", run: give("member") },
    mayRemove && { label: "Remove", icon: "delete", danger: true, run: remove },
  ];
  return items.filter((item) => item !== false);
}
