/** Who or what a chat is: initials on a colour that stays the same for the same id, and whether they are online. */
import type { ReactNode } from "react";
import "./Avatar.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import { initials } from "./names.ts";

const HUES = 8;

interface AvatarProps {
  readonly id: string;
  readonly name: string;
  readonly size?: "small" | "medium" | "large" | "huge";
  readonly icon?: IconName | undefined;
  readonly online?: boolean | undefined;
}

/** A picture made of a name; decoration, since the name stands beside it. */
export function Avatar({ id, name, size = "medium", icon, online }: AvatarProps): ReactNode {
  return (
    <span
      aria-hidden="true"
      className={classes("avatar", `avatar-${size}`)}
      data-hue={hueOf(id)}
      data-initials={icon ? "" : initials(name)}
    >
      {icon && <Icon name={icon} size={size === "huge" ? 36 : 20} />}
      {online && <span className="avatar-online" />}
    </span>
  );
}

/** The colour of an id, 0 to 7: a hash, so that neighbours differ. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 15) ^ hash) & (HUES - 1);
}
