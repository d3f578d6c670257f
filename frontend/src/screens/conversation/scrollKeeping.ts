/**
 * How the list of messages reads and writes where it is scrolled. A browser tells of a scroll with the next frame:
 * what the list writes before it is told, to keep what one sees in place, must not undo that scroll.
 */
import { elementScroll, observeElementOffset, type VirtualizerOptions } from "@tanstack/react-virtual";

type Options = VirtualizerOptions<HTMLDivElement, Element>;

/** Rounding of a position by the browser, in px. */
const ROUNDING = 1;

/** What a list scrolls with; each list needs its own. Positions are in px from the top. */
export function scrollKeeping(): Pick<Options, "observeElementOffset" | "scrollToFn"> {
  /** The last position that the list was told of or has written. */
  let known = 0;
  /** How far one has scrolled since the list was last told. */
  let untold = 0;
  return {
    observeElementOffset: (list, tell) => {
      known = list.scrollElement?.scrollTop ?? 0;
      untold = 0;
      return observeElementOffset(list, (offset, isScrolling) => {
        known = offset;
        untold = 0;
        tell(offset, isScrolling);
      });
    },
    scrollToFn: (offset, options, list) => {
      const element = list.scrollElement;
      if (element === null) {
        return;
      }
      // Only a way to a message names a behaviour; else the list makes up for what has grown above.
      const isOnItsWay = options.behavior !== undefined;
      untold = isOnItsWay ? 0 : untold + scrolledFrom(known, element);
      elementScroll(offset + untold, options, list);
      known = element.scrollTop;
    },
  };
}

/** How far one has scrolled from a position; a list that grew shorter was not scrolled, but cut off. */
function scrolledFrom(known: number, { scrollTop, scrollHeight, clientHeight }: Element): number {
  const isCutOff = scrollTop < known && scrollTop >= scrollHeight - clientHeight - ROUNDING;
  return isCutOff ? 0 : scrollTop - known;
}
