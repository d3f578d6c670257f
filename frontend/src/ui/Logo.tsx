/** The mark: two flags that face each other across a gap, as two who parley do. */
import type { ReactNode } from "react";
import "./Logo.css";

/** The mark alone; decoration beside a name. */
export function Logo({ size = 28 }: { readonly size?: number }): ReactNode {
  return (
    <svg aria-hidden="true" className="logo" height={size} viewBox="0 0 32 32" width={size}>
      <path
        className="logo-mine"
        d="M6 3h17.2a2 2 0 0 1 1.4 3.4L6.4 24.6A2 2 0 0 1 3 23.2V6a3 3 0 0 1 3-3z"
      />
      <path
        className="logo-yours"
        d="M26 29H13.8a1.8 1.8 0 0 1-1.3-3.1L25.9 12.5A1.8 1.8 0 0 1 29 13.8V26a3 3 0 0 1-3 3z"
      />
    </svg>
  );
}
