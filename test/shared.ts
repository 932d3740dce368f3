import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

/** The folder of parity data and photos beside the project's checkout. */
export const sharedFolder = fileURLToPath(new URL('../../shared', import.meta.url));

/** Absolute path of a file in the shared folder. */
export const shared = (path: string): string => `${sharedFolder}/${path}`;

/** `describe` for tests that need the shared folder; where it is absent they are skipped, and the name says so. */
export const describeWithShared = (name: string, body: () => void): void => {
  if (existsSync(sharedFolder)) describe(name, body);
  else describe.skip(`${name} (skipped: no shared folder with parity data beside the project)`, body);
};
