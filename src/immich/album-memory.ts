import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PolarError } from '../errors.ts';
import { writeBeside } from '../node/files.ts';
import { inHome } from '../node/home.ts';

const Ids = z.array(z.string()).max(1_000_000);
const Memory = z.object({
  server: z.string(),
  /** Name that was given for the album. */
  name: z.string(),
  id: z.string(),
  /** Put in by polar, and seen in the album since. */
  added: Ids,
  /** About to be put in when this was written: only the album itself says whether they were. */
  pending: Ids,
  /** Put in by polar, and taken out by a person. */
  removed: Ids,
});
const File = z.object({ albums: z.array(Memory).max(10_000) });

/** What polar knows of an album that it fills. */
export type AlbumMemory = z.infer<typeof Memory>;

const fileOf = (home: string): string => inHome(home).immichAlbums;

async function readAll(home: string): Promise<AlbumMemory[]> {
  const file = fileOf(home);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new PolarError(`${file}: cannot be read (${error.code}); check its permissions`, 'unreadable');
  });
  if (text === undefined) return [];
  try {
    return File.parse(JSON.parse(text)).albums;
  } catch {
    throw new PolarError(
      `${file}: damaged, so it is not known what people took out of albums; repair it, or delete it to begin anew`,
      'unreadable',
    );
  }
}

/** What is known of the album of this name on a server; what people took out stays known when it is made anew. */
export async function recallAlbum(
  home: string,
  server: string,
  name: string,
): Promise<AlbumMemory | undefined> {
  return (await readAll(home)).find((album) => album.server === server && album.name === name);
}

/** Keeps what is known of an album. */
export async function rememberAlbum(home: string, memory: AlbumMemory): Promise<void> {
  const others = (await readAll(home)).filter(
    ({ server, name }) => server !== memory.server || name !== memory.name,
  );
  await writeBeside(fileOf(home), `${JSON.stringify({ albums: [...others, memory] })}\n`);
}

/**
 * What follows from the photos that are in the album now: what polar put in and is not there any more was taken out by
 * a person; what a killed run was about to put in counts only where it is there.
 */
export function reconcile(memory: AlbumMemory, present: ReadonlySet<string>): AlbumMemory {
  const there = (id: string) => present.has(id);
  const added = [...new Set([...memory.added, ...memory.pending])].filter(there);
  const out = memory.added.filter((id) => !there(id));
  // Put back by a person: not taken out any more.
  const removed = [...new Set([...memory.removed, ...out])].filter((id) => !there(id));
  return { ...memory, added, pending: [], removed };
}
