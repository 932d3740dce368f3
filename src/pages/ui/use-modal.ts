import type { RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A dialog that is modal as soon as it is drawn: an Escape pressed at once would else go to what it was opened from. */
export function useModal(): RefObject<HTMLDialogElement | null> {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    // Width of the page's scroll bar, which goes while a dialog is open.
    const { style, clientWidth } = document.documentElement;
    if (innerWidth > clientWidth) style.setProperty('--bar', `${innerWidth - clientWidth}px`);
    dialog.current!.showModal();
  }, []);
  return dialog;
}
