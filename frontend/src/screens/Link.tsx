/** A link to a screen: an address like any other, which the page itself opens. */
import type { ComponentProps, MouseEvent, ReactNode } from "react";
import { go, pathOf, type Route } from "./routes.ts";

interface LinkProps extends Omit<ComponentProps<"a">, "href"> {
  readonly to: Route;
}

export function Link({ to, onClick, ...rest }: LinkProps): ReactNode {
  function open(event: MouseEvent<HTMLAnchorElement>): void {
    onClick?.(event);
    const opensElsewhere =
      event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
    if (!opensElsewhere && !event.defaultPrevented) {
      event.preventDefault();
      go(to);
    }
  }
  return <a {...rest} href={pathOf(to)} onClick={open} />;
}
