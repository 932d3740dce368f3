import { stat } from 'node:fs/promises';
import type { ClipTokenizer } from '../clip/tokenizer.ts';

// A parsed `tokenizer.json` is known as long as a tokenizer made from it is in use, and some time longer.
const parsed = new Map<string, WeakRef<object>>();
const made = new WeakMap<object, Map<string, ClipTokenizer>>();
const sources = new WeakMap<ClipTokenizer, object>();

/**
 * The content of a `tokenizer.json`, read once for all models that are open with the same file: parsing CLIP's takes a
 * fifth of a second and 40 MB.
 *
 * @param read parses the file
 */
export async function readShared(
  file: string,
  read: () => Promise<[json: unknown, file: string]>,
): Promise<[json: unknown, file: string]> {
  const state = await stat(file).catch(() => undefined); // the reader says why
  const key = `${state?.ino} ${state?.size} ${state?.mtimeMs} ${state?.ctimeMs} ${file}`;
  const known = parsed.get(key)?.deref();
  if (known !== undefined) return [known, file];
  const found = await read();
  for (const [other, content] of parsed) if (content.deref() === undefined) parsed.delete(other);
  if (state !== undefined && typeof found[0] === 'object' && found[0] !== null) {
    parsed.set(key, new WeakRef(found[0]));
  }
  return found;
}

/**
 * The tokenizer of a parsed `tokenizer.json`, made once for the same settings.
 *
 * @param settings all that it is made with besides
 */
export function shareTokenizer(json: unknown, settings: string, make: () => ClipTokenizer): ClipTokenizer {
  if (typeof json !== 'object' || json === null) return make(); // refuses it
  const ofFile = made.get(json) ?? new Map<string, ClipTokenizer>();
  made.set(json, ofFile);
  const tokenizer = ofFile.get(settings) ?? make();
  ofFile.set(settings, tokenizer);
  sources.set(tokenizer, json);
  return tokenizer;
}
