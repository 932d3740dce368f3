import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from 'commander';

// What LanceDB opens besides a folder.
const STORES = ['s3:', 's3+ddb:', 'gs:', 'az:', 'abfss:', 'db:', 'file:', 'memory:'];

/** Reads the path of a file or folder from the command line: anything but nothing. */
export function pathName(text: string): string {
  if (text.trim() === '' || text.includes('\0')) throw new InvalidArgumentError('expected a path');
  return text;
}

/** Reads the path of a folder that is there or can be made. */
export function folderToBe(text: string): string {
  requireFolderOrNothing(resolve(pathName(text)));
  return text;
}

/** Reads the path of a file that will be written, over an earlier one too. */
export function fileToBe(text: string): string {
  const path = resolve(pathName(text));
  if (look(path)?.isDirectory()) {
    throw new InvalidArgumentError(
      `found a folder, expected a file; name one in it, such as ${path}/page.html`,
    );
  }
  const folder = requireFolderOrNothing(dirname(path));
  try {
    accessSync(folder, constants.W_OK);
  } catch {
    throw new InvalidArgumentError(`${folder} may not be written to; choose another folder`);
  }
  return text;
}

/** Reads the path of a file or folder that is there. */
export function existing(text: string): string {
  if (look(resolve(pathName(text))) === undefined) {
    throw new InvalidArgumentError('no such file or folder; check the path');
  }
  return text;
}

/** Reads the path of a file that is there. */
export function existingFile(text: string): string {
  if (look(resolve(existing(text)))?.isDirectory())
    throw new InvalidArgumentError('found a folder, expected a file; name one in it');
  return text;
}

/** Reads where an index is: a folder, or the address of an object store. */
export function indexUri(text: string): string {
  const scheme = /^([a-z0-9+.-]+:)\/\//i.exec(pathName(text))?.[1]?.toLowerCase();
  if (scheme === undefined) return folderToBe(text);
  if (!STORES.includes(scheme)) {
    throw new InvalidArgumentError(`found ${scheme}//, expected a folder, s3://, gs:// or az://`);
  }
  return text;
}

/** Reads an address to listen at: an IP address, or a name of this machine. */
export function host(text: string): string {
  if (isIP(text) > 0 || /^(?=.*[a-z])[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(text)) return text;
  throw new InvalidArgumentError('expected an address without a port, such as 127.0.0.1 or 0.0.0.0');
}

/** Reads the name of a model, whose form the loader knows: not empty, on one line. */
export function modelName(text: string): string {
  if (text.trim() === '' || /\p{Cc}/u.test(text)) {
    throw new InvalidArgumentError('expected a name such as ViT-B/32, or a folder; polar models lists some');
  }
  return text;
}

/** Reads a word or a name: not empty, on one line. */
export function word(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '' || trimmed.length > MAX_WORD || /\p{Cc}/u.test(trimmed)) {
    throw new InvalidArgumentError(`expected 1 to ${MAX_WORD} letters on one line`);
  }
  return trimmed;
}

const MAX_WORD = 60; // as the server takes

/** The nearest folder that is there, on the way to one that can be made. */
function requireFolderOrNothing(path: string): string {
  for (let at = path; ; at = dirname(at)) {
    const there = look(at);
    if (there?.isDirectory()) return at;
    if (there !== undefined) {
      throw new InvalidArgumentError(`${at}: found a file, expected a folder; choose another path`);
    }
    if (dirname(at) === at) return at;
  }
}

function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined; // a file lies on the way
    throw new InvalidArgumentError(
      `${path} cannot be looked at (${code}); check the path and its permissions`,
    );
  }
}
