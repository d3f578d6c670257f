/** The part of a text around what was searched for, which is marked. */
import type { ReactNode } from "react";

const BEFORE = 24;
const LENGTH = 140;

export function Excerpt({ text, query }: { readonly text: string; readonly query: string }): ReactNode {
  const at = text.toLocaleLowerCase().indexOf(query.toLocaleLowerCase());
  if (at < 0) {
    return <bdi>{text.slice(0, LENGTH)}</bdi>;
  }
  const from = at <= BEFORE ? 0 : at - BEFORE;
  return (
    <bdi>
      {from > 0 && "…"}
      {text.slice(from, at)}
      <mark>{text.slice(at, at + query.length)}</mark>
      {text.slice(at + query.length, from + LENGTH)}
    </bdi>
  );
}
