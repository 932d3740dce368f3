import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../shared', import.meta.url));

/** Whether more reference data lie beside the checkout. Only vitest.config.ts asks: `*.shared.test.ts` run then. */
export const hasShared: boolean = existsSync(folder);

/** Absolute path of a file in the folder of further reference data. Only `*.shared.test.ts` use it. */
export const shared = (path: string): string => `${folder}/${path}`;
