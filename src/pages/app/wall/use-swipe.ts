import { useRef } from 'preact/hooks';
import { isMirrored } from '../../ui/direction.ts';

// Of a finger, CSS pixels: less is a tap that slipped.
const FAR = 50;

/** Leads on and back by a finger that is drawn across, as a book's pages are turned. */
export function useSwipe(go: (steps: 1 | -1) => void) {
  const start = useRef<Touch>(undefined);
  return {
    onTouchStart(event: TouchEvent) {
      start.current = event.touches.length === 1 ? event.touches[0] : undefined; // two fingers zoom
    },
    onTouchEnd(event: TouchEvent) {
      const [end] = event.changedTouches;
      if (start.current === undefined || end === undefined) return;
      const [x, y] = [end.clientX - start.current.clientX, end.clientY - start.current.clientY];
      if (Math.abs(x) > FAR && Math.abs(x) > 2 * Math.abs(y)) go(x < 0 === !isMirrored() ? 1 : -1);
    },
  };
}
