import { loadClip } from '../node/load-clip.ts';
import { PhotoStore } from './photo-store.ts';

/** Everything that a model's table says of its photos, in order of their paths; embeddings to 5 digits. */
export async function tableRows(
  uri: string,
  model: string,
): Promise<{ path: string; reason: string | null }[]> {
  const clip = await loadClip(model);
  const table = await new PhotoStore(uri).find(clip);
  const found = await table!.query().toArray();
  await clip.close();
  return found
    .map(({ embedding, ...row }) => ({
      ...(row as { path: string; reason: string | null }),
      embedding:
        embedding === null ? null : Array.from(embedding as Iterable<number>, (x) => x.toFixed(5)).join(),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}
