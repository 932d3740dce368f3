import { stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const WORLD = fileURLToPath(new URL('../../models/toybox-world/world.json', import.meta.url));

/** Whether this copy of polar can draw the Toybox photos. */
export const hasToyboxWorld = (): Promise<boolean> =>
  stat(WORLD).then(
    () => true,
    () => false,
  );
