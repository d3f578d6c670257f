/** Who or what a chat is: somebody's picture, else initials on a colour that stays the same for the same id. */
import { type ReactNode, useEffect, useState } from "react";
import { useActions, useValue } from "../model/hooks.tsx";
import "./Avatar.css";
import { classes } from "./classes.ts";
import { Icon, type IconName } from "./icons.tsx";
import { initials } from "./names.ts";

const HUES = 8;

interface AvatarProps {
  /** Of the user, or of the chat. */
  readonly id: string;
  readonly name: string;
  readonly size?: "small" | "medium" | "large" | "huge";
  readonly icon?: IconName | undefined;
  readonly online?: boolean | undefined;
}

/** Decoration, since the name stands beside it: screen readers do not meet it. */
export function Avatar({ id, name, size = "medium", icon, online }: AvatarProps): ReactNode {
  const avatar = useValue((state) => state.people[id]?.avatar);
  return (
    <span
      aria-hidden="true"
      className={classes("avatar", `avatar-${size}`)}
      data-hue={hueOf(id)}
      data-initials={icon ? "" : initials(name)}
    >
      {icon && <Icon name={icon} size={size === "huge" ? 36 : 20} />}
      {avatar !== undefined && <Picture avatar={avatar} userId={id} />}
      {online && <span className="avatar-online" />}
    </span>
  );
}

/** Covers the initials once it has loaded; where it cannot be had, they stay. */
function Picture({ userId, avatar }: { readonly userId: string; readonly avatar: string }): ReactNode {
  const actions = useActions();
  const template = useValue((state) => state.avatars);
  const isConnected = useValue((state) => state.connection.state === "online");
  const url = template === null ? null : pictureUrl(template, userId, avatar);
  const [tried, setTried] = useState<{ readonly url: string | null; readonly isLoaded: boolean } | null>(
    null,
  );

  // What could not be had without a connection is tried again with one.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the connection decides
  useEffect(() => setTried((last) => (last?.isLoaded ? last : null)), [isConnected]);

  const hasFailed = tried?.url === url && !tried.isLoaded;
  return url === null || hasFailed ? null : (
    <img
      alt=""
      className={tried?.url === url ? "avatar-loaded" : undefined}
      decoding="async"
      draggable={false}
      loading="lazy"
      onError={() => {
        setTried({ url, isLoaded: false });
        actions.missedAvatar(userId, avatar);
      }}
      onLoad={() => setTried({ url, isLoaded: true })}
      src={url}
    />
  );
}

/** Where a picture is, by the link to all of them. */
function pictureUrl(template: string, userId: string, avatar: string): string {
  return template.replace("{userId}", () => userId).replace("{avatar}", () => avatar);
}

/** The colour of an id, 0 to 7: a hash, so that neighbours differ. */
export function hueOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) {
    hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  }
  return ((hash >>> 15) ^ hash) & (HUES - 1);
}
