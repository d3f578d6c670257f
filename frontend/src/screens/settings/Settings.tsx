/** One's own: profile, look, notifications, whom one has blocked, sessions, what is kept. */
import { type ReactNode, useEffect, useRef } from "react";
import { IconButton } from "../../ui/Button.tsx";
import { go } from "../routes.ts";
import { showShortcuts } from "../Shortcuts.tsx";
import { Blocked } from "./Blocked.tsx";
import { Data } from "./Data.tsx";
import { Look } from "./Look.tsx";
import { Notify } from "./Notify.tsx";
import { Profile } from "./Profile.tsx";
import { SecondFactor } from "./SecondFactor.tsx";
import { Sessions } from "./Sessions.tsx";
import "./Settings.css";

export default function Settings(): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <div className="page">
      <header className="bar">
        <IconButton
          icon="back"
          label="Back to your chats"
          onClick={() => go({ screen: "chats" })}
          shortcut="Esc"
        />
        <h2 className="bar-title" ref={heading} tabIndex={-1}>
          Settings
        </h2>
        <IconButton icon="keyboard" label="Keyboard shortcuts" onClick={showShortcuts} shortcut="?" />
      </header>
      <div className="page-body">
        <div className="page-column settings">
          <Profile />
          <Look />
          <Notify />
          <SecondFactor />
          <Sessions />
          <Blocked />
          <Data />
        </div>
      </div>
    </div>
  );
}
