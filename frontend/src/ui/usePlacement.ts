/** Places a floating box beside its anchor inside the window, and closes it when one looks elsewhere. */
import { type RefObject, useEffect, useLayoutEffect } from "react";

const GAP = 6;

/** Places `box` below `anchor`, or above where there is more room; calls `onClose` on a press outside and on resize. */
export function usePlacement(
  box: RefObject<HTMLElement | null>,
  anchor: HTMLElement,
  onClose: () => void,
): void {
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) {
      return;
    }
    const at = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = element;
    const below = window.innerHeight - at.bottom;
    const isBelow = below >= height + GAP || below >= at.top;
    const top = isBelow ? at.bottom + GAP : at.top - height - GAP;
    const isToTheRight = at.left + width + GAP <= window.innerWidth;
    const left = isToTheRight ? at.left : at.right - width;
    element.style.top = `${clamp(top, GAP, window.innerHeight - height - GAP)}px`;
    element.style.left = `${clamp(left, GAP, window.innerWidth - width - GAP)}px`;
  }, [box, anchor]);

  useEffect(() => {
    function closeOutside(event: PointerEvent): void {
      const target = event.target as Node;
      if (!box.current?.contains(target) && !anchor.contains(target)) {
        onClose();
      }
    }
    document.addEventListener("pointerdown", closeOutside, true);
    window.addEventListener("resize", onClose);
    return () => {
      document.removeEventListener("pointerdown", closeOutside, true);
      window.removeEventListener("resize", onClose);
    };
  }, [box, anchor, onClose]);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
