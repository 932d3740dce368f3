/** Aborted by Ctrl-C; what is done until then is kept. */
export const interruption = new AbortController();
