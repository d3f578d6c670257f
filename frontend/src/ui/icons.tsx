/** The icons: one stroke, one grid of 20, in the colour of the text beside them; each is decoration. */
import type { ReactNode } from "react";

const PATHS = {
  add: "M10 4v12M4 10h12",
  attach:
    "M15.5 9.2l-5.7 5.7a3.4 3.4 0 0 1-4.8-4.8l6-6a2.3 2.3 0 0 1 3.2 3.2l-5.8 5.8a1.1 1.1 0 0 1-1.6-1.6l5.2-5.2",
  back: "M12.5 4.5L7 10l5.5 5.5",
  bell: "M5.5 13.5V9a4.5 4.5 0 0 1 9 0v4.5l1.2 1.2H4.3zM8.4 17h3.2",
  bellOff:
    "M5.5 13.5V9c0-.8.2-1.5.5-2.1M8.2 4.9A4.5 4.5 0 0 1 14.5 9v2.5M4.3 14.7h10.4M8.4 17h3.2M3.5 3.5l13 13",
  block: "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM5.6 5.6l8.8 8.8",
  channel: "M4 8.2v3.6h2.6l7 3.4V4.8l-7 3.4zM7 12l1 4h2l-.8-3M16 8.6v2.8",
  chat: "M3.5 4.5h13v9h-7l-3.5 3v-3H3.5z",
  check: "M4.5 10.5l3.6 3.5 7.4-8",
  close: "M5 5l10 10M15 5L5 15",
  copy: "M7.5 7.5h8v8h-8zM12.5 7.5v-3h-8v8h3",
  delete: "M4.5 6h11M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.7 9v4M11.3 9v4",
  devices: "M3.5 5h9v3M3.5 5v8h6M2.5 15.5h7M12 9.5h4.5v6.5H12z",
  down: "M4.5 7.5l5.5 5.5 5.5-5.5",
  download: "M10 3.5v8.5M6.5 9l3.5 3.5L13.5 9M4 16h12",
  edit: "M4 16l.8-3.6 8.2-8.2 2.8 2.8-8.2 8.2zM11.6 5.6l2.8 2.8",
  file: "M5.5 3h6l3.5 3.5V17h-9.5zM11.5 3v3.5H15",
  forward: "M7.5 4.5L13 10l-5.5 5.5",
  group:
    "M7.5 9.5a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 16c0-2.6 2-4.2 4.5-4.2S12 13.4 12 16M12.5 4.5a2.5 2.5 0 0 1 0 4.9M14 12c1.8.5 3 2 3 4",
  info: "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM10 9.2v4M10 6.5v.4",
  keyboard: "M3 5.5h14v9H3zM6 8.5h.1M9 8.5h.1M12 8.5h.1M14.5 8.5h.1M6.5 11.8h7",
  leave: "M11.5 6V4h-7v12h7v-2M8.5 10h8M13.8 7.2L16.6 10l-2.8 2.8",
  mail: "M3.5 5h13v10h-13zM3.5 5.5L10 11l6.5-5.5",
  more: "M4.8 10h.1M10 10h.1M15.2 10h.1",
  moon: "M15.8 11.7A6.3 6.3 0 0 1 8.3 4.2a6.3 6.3 0 1 0 7.5 7.5z",
  offline:
    "M3.5 3.5l13 13M3 8a10 10 0 0 1 3-1.9M9 5.1A10 10 0 0 1 17 8M5.6 11a6.5 6.5 0 0 1 3-1.7M12.6 9.9c.7.3 1.3.7 1.8 1.2M10 14.5h.1",
  person: "M10 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4.5 16.5c0-2.9 2.4-4.7 5.5-4.7s5.5 1.8 5.5 4.7",
  react:
    "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM7.2 11.5c.6 1 1.6 1.6 2.8 1.6s2.2-.6 2.8-1.6M7.8 8h.1M12.2 8h.1",
  reply: "M8 5L3.5 9.5 8 14M3.5 9.5h7.3c3 0 5.2 2 5.2 5.5",
  report: "M5 17V3.5M5 4h9.5l-2 3.2 2 3.3H5",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l3.8 3.8",
  send: "M4 10V4.2L16.8 10 4 15.8zM4 10h6",
  settings: "M4 6h6M14 6h2M4 14h2M10 14h6M12 4v4M8 12v4",
  shield: "M10 3l6 2.2v4.5c0 3.5-2.5 6-6 7.3-3.5-1.3-6-3.8-6-7.3V5.2z",
  sun: "M10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM10 2.5v1.2M10 16.3v1.2M2.5 10h1.2M16.3 10h1.2M4.7 4.7l.9.9M14.4 14.4l.9.9M15.3 4.7l-.9.9M5.6 14.4l-.9.9",
  theme: "M10 3.5a6.5 6.5 0 1 1 0 13zM10 3.5a6.5 6.5 0 1 0 0 13",
  unread: "M10 3.5v10M6 9.5l4 4 4-4M4.5 16.5h11",
  warning: "M10 3.5l7 12.5H3zM10 8.2v3.6M10 13.9v.2",
} as const;

export type IconName = keyof typeof PATHS;

/** An icon of 20 px, hidden from screen readers: whatever holds it has a name. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }): ReactNode {
  return (
    <svg
      aria-hidden="true"
      fill="none"
      height={size}
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={1.6}
      viewBox="0 0 20 20"
      width={size}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
