import { RUNTIME_FILES } from '../pages/browser/runtime-files.ts';
import * as polar from './index.ts';

/** The library as a test in a real browser calls it. */
export const probe = { ...polar, RUNTIME_FILES };

Object.assign(globalThis, { probe });
