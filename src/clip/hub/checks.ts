import { PolarError, quote } from '../../errors.ts';

// Everything that comes from the network, or from a file that did, and becomes part of a path or an address.

/** Whether `value` is a commit: forty hexadecimal digits. */
export const isCommit = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{40}$/.test(value);

/**
 * A commit as the hub names it.
 *
 * @param source address that gave it
 * @throws PolarError when it is anything but forty hexadecimal digits
 */
export function requireCommit(value: unknown, source: string): string {
  if (isCommit(value)) return value;
  throw new PolarError(
    `${source}: answers ${quote(value)} for a commit, expected 40 hexadecimal digits; check HF_ENDPOINT`,
    'unreachable',
  );
}

/** Whether `value` is a content hash: SHA-256, or git's SHA-1. */
export const isContentHash = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value);

/** Whether `value` names a repository as the hub has them: `org/name`, at most 96 characters, no `--` and no `..`. */
export const isRepository = (value: string): boolean =>
  /^(?=.{1,96}$)\w(?:[\w.-]*\w)?\/\w(?:[\w.-]*\w)?$/.test(value) && !/--|\.\./.test(value);

/** Whether `value` can be a branch, a tag or a commit: no part of it starts with a dot or a dash, as git wants it. */
export const isRevision = (value: string): boolean =>
  /^(?=.{1,200}$)\w[\w.-]*(?:\/\w[\w.-]*)*$/.test(value) && !value.includes('..');

/** Whether `value` names a weight file beside another file: no folder, nothing hidden, no character to be escaped. */
export const isWeightFileName = (value: unknown): value is string =>
  typeof value === 'string' && /^\w[\w.-]{0,200}\.safetensors$/.test(value) && !value.includes('..');

// 60 MB is the largest tokenizer.json known; a config that is larger than this is none.
const MAX_JSON_BYTES = 256 * 2 ** 20;
// No checkpoint comes near it.
const MAX_WEIGHT_BYTES = 2 ** 40;

/**
 * The size of a file as the hub states it.
 *
 * @param url address of the file
 * @throws PolarError when it is no size, or larger than any such file is
 */
export function requireSize(value: unknown, name: string, url: string): number {
  const most = name.endsWith('.safetensors') ? MAX_WEIGHT_BYTES : MAX_JSON_BYTES;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= most) return value;
  throw new PolarError(
    `${url}: the hub says ${quote(value)} bytes, expected at most ${most}; choose another model`,
    'unreadable',
  );
}
