/** A text as a QR code. */
import encode from "qr";
import { type ReactNode, useMemo } from "react";

/** Modules of light around it, that a camera finds its edges by (ISO/IEC 18004). */
const QUIET = 4;

export function QrCode({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  const modules = useMemo(() => encode(text, "raw", { border: QUIET }), [text]);
  const path = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : [])));
  return (
    <svg
      aria-label={label}
      className="qr-code"
      role="img"
      shapeRendering="crispEdges"
      viewBox={`0 0 ${modules.length} ${modules.length}`}
    >
      <path d={path.join("")} fill="currentColor" />
    </svg>
  );
}
