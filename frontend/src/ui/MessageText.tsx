/** A message's text as text: links that are safe to follow, and mentions, each isolated from its neighbours' direction. */
import { Fragment, type ReactNode } from "react";
import { findLinks } from "./links.ts";
import "./MessageText.css";

interface MessageTextProps {
  readonly text: string;
  /** What mentions look like in the text: "@alice". */
  readonly mentions?: readonly string[];
}

export function MessageText({ text, mentions = [] }: MessageTextProps): ReactNode {
  let position = 0;
  return findLinks(text).map((span) => {
    const key = position;
    position += span.text.length;
    return span.kind === "link" ? (
      // A click on a link is no click on the message.
      <a
        className="message-link"
        dir="auto"
        href={span.href}
        key={key}
        rel="noopener noreferrer nofollow"
        target="_blank"
      >
        {span.text}
      </a>
    ) : (
      <Fragment key={key}>{withMentions(span.text, mentions)}</Fragment>
    );
  });
}

function withMentions(text: string, mentions: readonly string[]): ReactNode {
  if (mentions.length === 0) {
    return text;
  }
  const longestFirst = [...mentions].sort((a, b) => b.length - a.length).map(escaped);
  let position = 0;
  return text.split(new RegExp(`(${longestFirst.join("|")})`, "u")).map((part, index) => {
    const key = position;
    position += part.length;
    return index % 2 === 1 ? (
      <bdi className="mention" key={key}>
        {part}
      </bdi>
    ) : (
      part
    );
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
