/** What a screen says where it has nothing else to show, and what went wrong. */
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icons.tsx";
import "./Notice.css";

interface NoticeProps {
  readonly icon: IconName;
  readonly title: string;
  readonly children?: ReactNode;
}

/** The middle of an empty screen: what belongs here, and what to do. */
export function Notice({ icon, title, children }: NoticeProps): ReactNode {
  return (
    <div className="notice">
      <span className="notice-icon">
        <Icon name={icon} size={26} />
      </span>
      <h2>{title}</h2>
      {children && <div className="notice-text">{children}</div>}
    </div>
  );
}

/** A failure, read out at once; takes no room while there is none. */
export function Problem({ text }: { readonly text: string }): ReactNode {
  return (
    <div className="problem" role="alert">
      {text && (
        <>
          <Icon name="warning" size={18} />
          <span>{text}</span>
        </>
      )}
    </div>
  );
}
