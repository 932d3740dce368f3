import * as polar from './index.ts';
import { RUNTIME_FILES } from './page/runtime-files.ts';

/** The library as a test in a real browser calls it. */
export const probe = { ...polar, RUNTIME_FILES };

Object.assign(globalThis, { probe });
