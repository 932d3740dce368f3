// Drawn on 24 by 24.
const PATHS = {
  add: 'M12 5v14M5 12h14',
  back: 'M15 5l-7 7 7 7',
  forth: 'M9 5l7 7-7 7',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  close: 'M6 6l12 12M18 6L6 18',
  crop: 'M7 2v15h15M2 7h15v15',
  down: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  folder: 'M3 7a2 2 0 012-2h4l2 2h8a2 2 0 012 2v8a2 2 0 01-2 2H5a2 2 0 01-2-2z',
  heart: 'M12 20s-8-4.9-8-10.6A4.4 4.4 0 0112 6.8a4.4 4.4 0 018 2.6C20 15.1 12 20 12 20z',
  like: 'M12 4.5l2.3 4.9 5.2.7-3.8 3.7.9 5.2L12 16.5 7.4 19l.9-5.2-3.8-3.7 5.2-.7z',
  not: 'M5.6 5.6l12.8 12.8M12 3a9 9 0 100 18 9 9 0 000-18z',
  album: 'M4 8h16v11H4zM6.5 5h11',
  search: 'M11 4a7 7 0 100 14 7 7 0 000-14zM16 16l4.5 4.5',
  teach: 'M12 3l1.8 5.2L19 10l-5.2 1.8L12 17l-1.8-5.2L5 10l5.2-1.8zM19 16v4M17 18h4',
  up: 'M12 20V9M7 13l5-5 5 5M5 4h14',
  settings: 'M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4',
  info: 'M12 3a9 9 0 100 18 9 9 0 000-18zM12 11v5M12 8v.01',
} as const;

/** A line drawing beside, or instead of, words; never the only name of a button. */
export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg
      class={name === 'back' || name === 'forth' ? 'icon sideways' : 'icon'}
      viewBox="0 0 24 24"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
