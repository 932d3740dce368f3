import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Width of an element and where it begins in the page, CSS pixels; kept current. */
export function useBox(ref: RefObject<HTMLElement | null>): { readonly width: number; readonly top: number } {
  const [box, setBox] = useState({ width: 0, top: 0 });
  useLayoutEffect(() => {
    const measure = () => {
      const { width, top } = ref.current!.getBoundingClientRect();
      const next = { width, top: Math.round(top + scrollY) };
      setBox((last) => (last.width === next.width && last.top === next.top ? last : next));
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(ref.current!);
    observer.observe(document.body); // what stands above moves the wall
    return () => observer.disconnect();
  }, []);
  return box;
}
