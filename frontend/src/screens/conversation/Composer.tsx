/** Where one writes: the text, files that go with it, whom it mentions, and what it replies to or edits. */
import {
  type ClipboardEvent,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { useActions, useValue } from "../../model/hooks.tsx";
import type { ChatRow, Conversation as OpenChat, ShownMessage, User } from "../../model/state.ts";
import { classes } from "../../ui/classes.ts";
import { Icon } from "../../ui/icons.tsx";
import { useToast } from "../../ui/Toast.tsx";
import { useMediaQuery } from "../../ui/useMediaQuery.ts";
import { sentenceOf } from "../../ui/useTask.ts";
import { AttachButton } from "./AttachButton.tsx";
import type { Subject } from "./Conversation.tsx";
import { EmojiButton } from "./EmojiButton.tsx";
import { MentionList } from "./MentionList.tsx";
import { completed, mentionAt, mentionsIn, suggestions } from "./mentions.ts";
import { ReadOnly } from "./ReadOnly.tsx";
import { SubjectBar } from "./SubjectBar.tsx";
import { UploadTray } from "./UploadTray.tsx";
import { useGrowing } from "./useGrowing.ts";
import "./Composer.css";

/** The service takes no more characters in one message. */
const MOST = 4096;
/** So close to that, what is left is shown. */
const WARN = 300;

interface ComposerProps {
  readonly chat: ChatRow;
  readonly conversation: OpenChat;
  readonly subject: Subject | null;
  readonly onEdit: (message: ShownMessage) => void;
  readonly onDone: () => void;
}

export function Composer(props: ComposerProps): ReactNode {
  return props.conversation.may.write ? (
    <Writing {...props} />
  ) : (
    <ReadOnly chat={props.chat} conversation={props.conversation} />
  );
}

function Writing({ chat, conversation, subject, onEdit, onDone }: ComposerProps): ReactNode {
  const actions = useActions();
  const toast = useToast();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(chat.draft);
  const [caret, setCaret] = useState(0);
  const [chosen, setChosen] = useState(0);
  const isTouch = useMediaQuery("(pointer: coarse)");
  const listId = useId();
  const me = useValue((state) => (state.account.stage === "signedIn" ? state.account.me.userId : ""));
  const members =
    conversation.members?.map((member) => member.user).filter((user) => user.userId !== me) ?? [];
  const mention = chat.kind === "direct" ? null : mentionAt(text, caret);
  const offered = mention === null ? [] : suggestions(members, mention.query);
  const uploads = conversation.uploads.filter((upload) => upload.state !== "failed");
  const left = MOST - text.length;
  const isEditing = subject?.kind === "edit";
  const canSend = left >= 0 && (text.trim() !== "" || (uploads.length > 0 && !isEditing));
  useGrowing(field, text);

  // To reply or to edit is to write: the field takes the focus, and an edit its text.
  useEffect(() => {
    if (subject !== null) {
      field.current?.focus();
    }
    if (subject?.kind === "edit") {
      setText(subject.message.text);
    }
  }, [subject]);

  useEffect(() => {
    if (!isTouch) {
      field.current?.focus();
    }
  }, [isTouch]);

  function write(next: string): void {
    setText(next);
    setCaret(field.current?.selectionStart ?? next.length);
    setChosen(0);
    if (!isEditing) {
      actions.saveDraft(chat.chatId, next);
      if (next !== "") {
        actions.typing();
      }
    }
  }

  function clear(): void {
    setText(isEditing ? chat.draft : "");
    if (!isEditing) {
      actions.saveDraft(chat.chatId, "");
    }
    onDone();
    field.current?.focus();
  }

  function send(): void {
    if (!canSend) {
      return;
    }
    const said = text.trim();
    if (subject?.kind === "edit") {
      const { seq, text: before } = subject.message;
      if (seq !== null && said !== before) {
        actions.edit(seq, said).catch((error) => toast(sentenceOf(error)));
      }
      clear();
      return;
    }
    const about = {
      ...(subject?.message.seq ? { replyTo: subject.message.seq } : {}),
      ...(chat.kind === "direct" ? {} : { mentions: mentionsIn(said, members) }),
    };
    const [first, ...others] = uploads;
    actions.send({ text: said, ...about, ...(first ? { uploadId: first.uploadId } : {}) });
    for (const upload of others) {
      actions.send({ text: "", uploadId: upload.uploadId });
    }
    if (conversation.hasAfter) {
      actions.loadNewest(); // what one sends is seen, however far back one was
    }
    clear();
  }

  function mentionUser(user: User): void {
    if (mention !== null) {
      const next = completed(text, mention, user);
      write(next.text);
      requestAnimationFrame(() => field.current?.setSelectionRange(next.caret, next.caret));
      field.current?.focus();
    }
  }

  function insert(piece: string): void {
    const at = field.current?.selectionStart ?? text.length;
    write(text.slice(0, at) + piece + text.slice(field.current?.selectionEnd ?? at));
    requestAnimationFrame(() => field.current?.setSelectionRange(at + piece.length, at + piece.length));
  }

  function keyInMentions(event: KeyboardEvent): boolean {
    const user = offered[chosen];
    if (user === undefined) {
      return false;
    }
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const by = event.key === "ArrowDown" ? 1 : offered.length - 1;
      setChosen((chosen + by) % offered.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      mentionUser(user);
    } else if (event.key === "Escape") {
      setCaret(0);
    } else {
      return false;
    }
    event.preventDefault();
    return true;
  }

  function keyDown(event: KeyboardEvent<HTMLTextAreaElement>): void {
    // While an input method composes a word, its keys are its own.
    if (event.nativeEvent.isComposing || keyInMentions(event)) {
      return;
    }
    if (event.key === "Enter" && !event.shiftKey && !isTouch) {
      event.preventDefault();
      send();
    } else if (event.key === "Escape" && subject !== null) {
      event.preventDefault();
      clear();
    } else if (event.key === "ArrowUp" && text === "") {
      const mine = conversation.messages.findLast(
        (one) => one.mine && one.seq !== null && !one.deleted && one.text,
      );
      if (mine) {
        event.preventDefault();
        onEdit(mine);
      }
    }
  }

  function paste(event: ClipboardEvent): void {
    if (event.clipboardData.files.length > 0 && !isEditing) {
      event.preventDefault();
      [...event.clipboardData.files].forEach(actions.upload);
    }
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {mention !== null && offered.length > 0 && (
        <MentionList chosen={chosen} id={listId} onChoose={mentionUser} users={offered} />
      )}
      {subject !== null && <SubjectBar onClose={clear} subject={subject} />}
      {conversation.uploads.length > 0 && !isEditing && <UploadTray uploads={conversation.uploads} />}
      <div className="composer-row">
        {!isEditing && <AttachButton onFiles={(files) => files.forEach(actions.upload)} />}
        <textarea
          aria-activedescendant={offered.length > 0 ? `${listId}-${chosen}` : undefined}
          aria-autocomplete="list"
          aria-controls={offered.length > 0 ? listId : undefined}
          aria-label={isEditing ? "Edit the message" : `Message to ${chat.title}`}
          autoComplete="off"
          className="composer-text"
          dir="auto"
          enterKeyHint={isTouch ? "enter" : "send"}
          onChange={(event) => write(event.target.value)}
          onKeyDown={keyDown}
          onPaste={paste}
          onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
          placeholder={isEditing ? "Edit the message" : "Write a message"}
          ref={field}
          rows={1}
          value={text}
        />
        {left <= WARN && (
          <output className={classes("composer-left", left < 0 && "composer-over")}>
            {left}
            <span className="visually-hidden"> characters left</span>
          </output>
        )}
        <EmojiButton onPick={insert} />
        <button
          aria-label={isEditing ? "Save" : "Send"}
          className="composer-send"
          disabled={!canSend}
          title={isEditing ? "Save (Enter)" : "Send (Enter)"}
          type="submit"
        >
          <Icon name={isEditing ? "check" : "send"} />
        </button>
      </div>
    </form>
  );
}
