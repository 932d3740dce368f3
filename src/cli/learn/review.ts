import { stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { measureHeldOut } from '../../app/held-out.ts';
import { photosToReview, revise, typicalPhotos } from '../../app/review.ts';
import { PolarError } from '../../errors.ts';
import { openInMemory } from '../../library/in-memory.ts';
import type { PhotoStore } from '../../library/photo-store.ts';
import type { ConceptStore } from '../../node/concepts/concept-store.ts';
import type { Clip } from '../../node/load-clip.ts';
import { requireSameModel } from '../../polar/concept/concept.ts';
import { count, print, printJson, say } from '../output.ts';
import { describeHeldOut } from './held-out-words.ts';

/** Asks about photos near the border of a thing, and learns it again with the answers. */
export async function reviewConcept(
  name: string,
  { clip, shelf, store, json }: { clip: Clip; shelf: ConceptStore; store: PhotoStore; json: boolean },
): Promise<void> {
  const concept = await shelf.get(name);
  requireSameModel(concept, clip);
  const library = await openInMemory(store, clip);
  try {
    const rows = new Map(library.photos.map(({ path }, row) => [path, row]));
    const embeddingOf = ({ path }: { readonly path: string }) => library.embeddingOf(rows.get(path)!);
    const photos = await photosToReview(clip, concept, library, embeddingOf);
    if (photos.length === 0) {
      throw new PolarError(
        `nothing to ask about ${concept.name}: index a folder with other photos first`,
        'nothing-indexed',
      );
    }
    say(`y: it is ${concept.name}, n: it is not, Enter: skip, q: that is enough`);
    const yes: (typeof photos)[number][] = [];
    const no: (typeof photos)[number][] = [];
    const lines = createInterface({ input: stdin });
    const answers = lines[Symbol.asyncIterator]();
    for (const [index, photo] of photos.entries()) {
      say(
        `${index + 1}/${photos.length}  Is this ${concept.name}?  ${photo.path}  [y/n] `,
        stdin.isTTY ? '' : '\n',
      );
      const { value, done } = await answers.next();
      const answer = done ? 'q' : value.trim().toLowerCase();
      if (answer === 'q') break;
      if (answer === 'y') yes.push(photo);
      if (answer === 'n') no.push(photo);
    }
    lines.close();
    const revised =
      yes.length + no.length === 0
        ? concept
        : await revise(clip, concept, {
            yes: yes.map((photo) => ({ hash: photo.hash, embedding: embeddingOf(photo) })),
            no: no.map(embeddingOf),
            typical: await typicalPhotos(library),
          });
    if (revised !== concept) await shelf.save(revised);
    const heldOut = await measureHeldOut(clip, revised, library);
    if (json) {
      const paths = (answered: typeof yes) => answered.map(({ path }) => path);
      return printJson({ name: revised.name, yes: paths(yes), no: paths(no), heldOut });
    }
    print(
      `${revised.name} learnt again with ${count(yes.length, 'more photo')} of it and ${yes.length + no.length === 0 ? 0 : no.length} of what it is not`,
    );
    if (heldOut !== null) for (const line of describeHeldOut(revised, heldOut)) print(line);
  } finally {
    await library.close();
  }
}
