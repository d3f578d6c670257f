/** Something is on its way: three marks that take turns, or stand still for who wants no motion. */
import type { ReactNode } from "react";
import "./Spinner.css";

/** Three dots; with a `label` a screen reader is told what is awaited. */
export function Spinner({ label }: { readonly label?: string }): ReactNode {
  return (
    <span className="spinner" role={label ? "status" : undefined}>
      <i />
      <i />
      <i />
      {label && <span className="visually-hidden">{label}</span>}
    </span>
  );
}
