import { useRef } from 'preact/hooks';

// As long as phones take it for.
const LONG_MS = 450;
// A finger that moves further scrolls, CSS pixels.
const NEAR = 10;

/** Does something when a finger rests on an element; the click that may follow is not one then. */
export function useLongPress(act: () => void) {
  const timer = useRef(0);
  const start = useRef({ x: 0, y: 0 });
  const fired = useRef(false);
  const end = () => clearTimeout(timer.current);
  return {
    /** Whether the click that comes now ends a long press. */
    hasFired(): boolean {
      const was = fired.current;
      fired.current = false;
      return was;
    },
    onPointerDown({ pointerType, clientX, clientY }: PointerEvent) {
      end();
      fired.current = false;
      if (pointerType !== 'touch') return;
      start.current = { x: clientX, y: clientY };
      timer.current = window.setTimeout(() => {
        fired.current = true;
        act();
      }, LONG_MS);
    },
    onPointerMove({ clientX, clientY }: PointerEvent) {
      const { x, y } = start.current;
      if (Math.hypot(clientX - x, clientY - y) > NEAR) end();
    },
    onPointerUp() {
      end();
      window.setTimeout(() => {
        fired.current = false; // not every browser sends a click
      }, LONG_MS);
    },
    onPointerCancel: end,
    // The browser's own menu of a picture, which a finger opens as well.
    onContextMenu(event: Event) {
      if (fired.current) event.preventDefault();
    },
  };
}
