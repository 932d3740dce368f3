/** Whether the page runs from right to left. */
export const isMirrored = (): boolean => document.documentElement.dir === 'rtl';

const MIRRORED: Readonly<Record<string, string>> = { ArrowLeft: 'ArrowRight', ArrowRight: 'ArrowLeft' };

/** The key that leads the same way on a page from left to right. */
export const keyAlong = (key: string): string => (isMirrored() ? (MIRRORED[key] ?? key) : key);
