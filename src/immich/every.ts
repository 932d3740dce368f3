/** How often an immich server is asked for changes where nobody says otherwise, in minutes. */
export const IMMICH_EVERY = 5;
