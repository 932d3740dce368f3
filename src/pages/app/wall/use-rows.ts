import {
  defaultRangeExtractor,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useMemo, useReducer, useRef } from 'preact/hooks';
import { type Geometry, heightOf } from './geometry.ts';

// Rows beyond both edges of the window, so that scrolling does not outrun drawing.
const OVERSCAN = 3;

/**
 * The rows of a wall that are in sight, as the window scrolls.
 *
 * @param top where the wall begins in the page, CSS pixels
 * @param covered height at the window's top that a header covers
 * @param kept rows that are drawn wherever they are, since the focus is in them, or will be
 */
export function useRows(geometry: Geometry, top: number, covered: number, kept: readonly number[]) {
  const [, draw] = useReducer((n: number) => n + 1, 0);
  const keyOf = useMemo(() => (row: number) => row, [geometry]); // another function: heights are asked for anew
  const options = {
    count: geometry.rows,
    estimateSize: (row: number) => heightOf(geometry, row),
    getItemKey: keyOf,
    scrollMargin: top,
    scrollPaddingStart: covered,
    scrollPaddingEnd: 12,
    overscan: OVERSCAN,
    rangeExtractor: (range: Parameters<typeof defaultRangeExtractor>[0]) => {
      const rows = new Set([...defaultRangeExtractor(range), ...kept]);
      return [...rows].filter((row) => row < geometry.rows).sort((a, b) => a - b);
    },
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    onChange: () => draw(undefined),
  };
  const kit = useRef<Virtualizer<Window, Element>>(undefined);
  kit.current ??= new Virtualizer<Window, Element>(options);
  const rows = kit.current;
  rows.setOptions(options);
  useLayoutEffect(() => rows._didMount(), []);
  useLayoutEffect(() => rows._willUpdate());
  return rows;
}
