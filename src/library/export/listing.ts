import { type ModelIdentity, type PhotoStore, sqlText, sqlVisible } from '../photo-store.ts';

const AT_ONCE = 500;

/**
 * Paths of the photos of a library, in order.
 *
 * @param hashes only photos with these contents: with a photo that was found its copies too
 */
export async function listPaths(
  store: PhotoStore,
  model: ModelIdentity,
  hashes?: readonly string[],
): Promise<string[]> {
  const table = await store.find(model);
  if (table === undefined) return [];
  const paths: string[] = [];
  const read = async (where: string) => {
    for await (const batch of table.query().where(where).select(['path'])) {
      for (const row of batch) paths.push(row.path as string);
    }
  };
  if (hashes === undefined) await read(sqlVisible([]));
  for (let start = 0; hashes !== undefined && start < hashes.length; start += AT_ONCE) {
    const part = hashes.slice(start, start + AT_ONCE).map(sqlText);
    await read(`${sqlVisible([])} AND hash IN (${part.join(', ')})`);
  }
  return [...new Set(paths)].sort(); // a video has several rows
}

/** Whether a path is that of a photo of the library. */
export async function isIndexed(store: PhotoStore, model: ModelIdentity, path: string): Promise<boolean> {
  const table = await store.find(model);
  return ((await table?.countRows(`${sqlVisible([])} AND path = ${sqlText(path)}`)) ?? 0) > 0;
}
