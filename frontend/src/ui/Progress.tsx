/** How far something has got. */
import type { ReactNode } from "react";
import "./Progress.css";

interface ProgressProps {
  /** What a screen reader calls it. */
  readonly label: string;
  readonly value: number;
  readonly max: number;
}

export function Progress({ label, value, max }: ProgressProps): ReactNode {
  return <progress aria-label={label} className="progress" max={max} value={value} />;
}
