import { fileURLToPath } from 'node:url';
import { exists } from '../node/files.ts';

const WORLD = fileURLToPath(new URL('../../models/toybox-world/world.json', import.meta.url));

/** Whether this copy of polar can draw the Toybox photos. */
export const hasToyboxWorld = (): Promise<boolean> => exists(WORLD);
