import { readlink, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import { PolarError } from '../../errors.ts';
import { makeFolder, readJsonFile, writeBeside } from '../../node/files.ts';
import { takeLock } from '../../node/lock.ts';
import type { KnownPhoto } from './copy-file.ts';
import { type ExportOptions, type ExportSummary, exportPhotos } from './export-photos.ts';

/** What became of a folder of links. */
export interface KeptLinks extends ExportSummary {
  /** Links that were taken out, since their photos are wanted no more. */
  readonly removed: readonly string[];
}

/** A folder of links that is this process's to keep current. */
export interface LinkFolder {
  /** Makes the links to these photos, and takes out those that it made for others. @throws PolarError as `exportPhotos` */
  keep(
    photos: readonly KnownPhoto[],
    options?: Pick<ExportOptions, 'signal' | 'onProgress'>,
  ): Promise<KeptLinks>;
  /** Lets another process keep it. */
  close(): Promise<void>;
}

// Which links are polar's to take out, by name; a link of the same target that somebody else made is not.
const RECORD = '.polar-links.json';
const Links = z.record(z.string().max(255), z.string().max(4096));

/**
 * Takes a folder whose links are to follow what a question finds. Of all in it only links are touched that were made
 * this way, here or in an earlier run, and still lead where they led.
 *
 * @param folder made where there is none
 * @throws PolarError when another process keeps it, or it cannot be written
 */
export async function takeLinkFolder(folder: string): Promise<LinkFolder> {
  await makeFolder(folder);
  const lock = await takeLock(join(folder, '.polar-links.lock'));
  if (lock === undefined) {
    throw new PolarError(
      `${folder}: another "polar export --watch" keeps this folder; stop that one first`,
      'busy',
    );
  }
  const record = join(folder, RECORD);
  const write = (links: Readonly<Record<string, string>>) =>
    writeBeside(record, `${JSON.stringify(links)}\n`);
  return {
    async keep(photos, options = {}) {
      const before = Links.safeParse(await readJsonFile(record)).data ?? {};
      const isMade = (name: string, path: string) => Object.hasOwn(before, name) && before[name] === path;
      const ours = ({ photos: placed }: ExportSummary) =>
        Object.fromEntries(
          placed
            .filter(({ path, to, state }) => state === 'new' || isMade(basename(to), path))
            .map(({ path, to }) => [basename(to), path]),
        );
      // Noted before they are made: a process that dies leaves no link that the next one does not know.
      const planned = await exportPhotos(photos, folder, { ...options, mode: 'link', dryRun: true });
      await write({ ...before, ...ours(planned) });
      const done = await exportPhotos(photos, folder, { ...options, mode: 'link' });
      const links = ours(done);
      const removed: string[] = [];
      for (const [name, path] of Object.entries(before)) {
        const link = join(folder, basename(name));
        if (links[name] === path || (await readlink(link).catch(() => undefined)) !== path) continue;
        await unlink(link);
        removed.push(link);
      }
      await write(links);
      return { ...done, removed };
    },
    close: () => lock.release(),
  };
}
