/** How far a message of mine has got: a clock, one tick, two ticks, two ticks in marigold, or a warning. */
import type { ReactNode } from "react";
import type { MessageState } from "../model/model.ts";
import { classes } from "./classes.ts";
import "./Ticks.css";

const NAMES: Readonly<Record<MessageState, string>> = {
  waiting: "Waiting for a connection",
  uploading: "Uploading",
  sending: "Sending",
  refused: "Not sent",
  sent: "Sent",
  delivered: "Delivered",
  read: "Read",
};

const SHAPES: Readonly<Record<MessageState, string>> = {
  waiting: "M8.5 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM8.5 4.5V7l1.7 1.2",
  uploading: "M8.5 11.5v-8M5.5 6.2l3-3 3 3",
  sending: "M8.5 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM8.5 4.5V7l1.7 1.2",
  refused: "M8.5 2a5 5 0 1 1 0 10 5 5 0 0 1 0-10zM8.5 4.6v3M8.5 9.5v.1",
  sent: "M4 7.4l2.7 2.6L12.5 4",
  delivered: "M1.5 7.4L4.2 10 10 4M7.7 9.5l.5.5L14.5 4",
  read: "M1.5 7.4L4.2 10 10 4M7.7 9.5l.5.5L14.5 4",
};

export function Ticks({ state }: { readonly state: MessageState }): ReactNode {
  return (
    <svg
      aria-label={NAMES[state]}
      className={classes("ticks", `ticks-${state}`)}
      fill="none"
      height={14}
      role="img"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={1.5}
      viewBox="0 0 16 14"
      width={16}
    >
      <title>{NAMES[state]}</title>
      <path d={SHAPES[state]} />
    </svg>
  );
}
