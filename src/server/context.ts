import { HTTPException } from 'hono/http-exception';
import { AlbumStore } from '../library/albums/album-store.ts';
import type { LibraryPhoto } from '../library/in-memory.ts';
import type { PhotoStore } from '../library/photo-store.ts';
import { isAddress } from '../library/remote/address.ts';
import type { RemoteLibrary } from '../library/remote/remote-library.ts';
import { tell } from '../messages.ts';
import { ConceptStore } from '../node/concepts/concept-store.ts';
import { inHome } from '../node/home.ts';
import type { Clip } from '../node/load-clip.ts';
import type { Concept } from '../polar/concept/concept.ts';
import { gather } from '../polar/query/gather.ts';
import type { PersonalSentence } from '../polar/query/sentence.ts';
import { Changes } from './changes.ts';
import { LibraryJobs, toyboxThings } from './library/library-job.ts';
import type { LiveLibrary, Snapshot } from './library/live-library.ts';
import { Watches } from './library/watches.ts';
import { MadeFiles } from './made-files.ts';
import { type ModelSource, Models, PUBLIC_MODELS } from './models.ts';
import { Renditions } from './pictures/renditions.ts';
import { Uploads } from './pictures/uploads.ts';
import { Work } from './work.ts';

/** What requests are answered with. */
export interface AppContext {
  readonly version: string;
  readonly home: string;
  /** The model in use. */
  readonly clip: Clip;
  readonly models: Models;
  readonly changes: Changes;
  readonly watches: Watches;
  readonly store: PhotoStore;
  readonly concepts: ConceptStore;
  readonly albums: AlbumStore;
  readonly library: LiveLibrary;
  readonly uploads: Uploads;
  /** Photos of other servers; without it none are shown or read. */
  readonly remote?: RemoteLibrary | undefined;
  readonly renditions: Renditions;
  /** Files that were made to be downloaded. */
  readonly made: MadeFiles;
  readonly jobs: LibraryJobs;
  readonly work: Work;
  /** All concepts; requests that wait share one reading. */
  readonly listConcepts: () => Promise<readonly Concept[]>;
  /** Embedding `[P]` of a sentence; requests that wait share a pass of the text tower. */
  readonly encode: (sentence: PersonalSentence) => Promise<Float32Array>;
}

/** Opens all that is kept in a user's folder. */
export async function openContext(
  options: Pick<AppContext, 'version' | 'home' | 'clip' | 'store' | 'remote'> & {
    readonly source?: ModelSource | undefined;
  },
): Promise<AppContext> {
  const { version, home, store, remote, source = PUBLIC_MODELS } = options;
  const places = inHome(home);
  const concepts = new ConceptStore(places.concepts);
  const models = await Models.open(home, store, options.clip, source);
  const uploads = new Uploads(places.uploads);
  const things = await toyboxThings(home);
  await uploads.sweep(
    new Set([
      ...(await concepts.list()).flatMap(({ photoHashes }) => photoHashes),
      ...things.flatMap(({ photos }) => photos),
    ]),
  );
  const made = new MadeFiles(places.made);
  await made.sweep();
  const changes = new Changes();
  const jobs = new LibraryJobs({ home, store, models, uploads, remote });
  const watches = await Watches.open({ home, store, models, changes, remote });
  let told = '';
  jobs.listen(({ label, state }) => {
    if (told === label + state) return; // how far it is, is followed elsewhere
    told = label + state;
    changes.tell();
  });
  return {
    version,
    home,
    store,
    // Another model may take the place of this one while requests are answered.
    get clip() {
      return models.current.clip;
    },
    get library() {
      return models.current.library;
    },
    encode: (sentence) => models.current.encode(sentence),
    models,
    changes,
    watches,
    concepts,
    albums: new AlbumStore(places.albums),
    uploads,
    remote,
    renditions: new Renditions(places.renditions, remote),
    made,
    jobs,
    work: new Work(() => changes.tell()),
    listConcepts: shareConcepts(concepts),
  };
}

function shareConcepts(store: ConceptStore): AppContext['listConcepts'] {
  const list = gather(Number.POSITIVE_INFINITY, async (asked: readonly null[]) => {
    const concepts = await store.list();
    return asked.map(() => concepts);
  });
  return () => list(null);
}

/** The id itself may be anything, so it isn't said again. */
export const NO_PHOTO = tell('photo.no-id');

/** A picture that has an id. */
export interface Picture {
  readonly path: string;
  readonly hash: string;
  /** Of a video, times of the pictures that may be shown, seconds; none for a photo. */
  readonly stills: readonly number[];
}

/** The picture with this id: a photo of the library, or one that was brought in. */
export async function findPicture({ library, uploads }: AppContext, id: string): Promise<Picture> {
  const known = await library.use(({ byId, stillsOf }) => {
    const photo = byId.get(id);
    return photo && { ...photo, stills: stillsOf(photo) };
  });
  const picture = known ?? (await uploads.find(id));
  if (picture === undefined) throw new HTTPException(404, { message: NO_PHOTO });
  return { stills: [], ...picture };
}

/** A concept by its name. */
export async function findConcept({ concepts }: AppContext, name: string): Promise<Concept> {
  if (!(await concepts.has(name))) throw new HTTPException(404, { message: tell('concept.none', { name }) });
  return concepts.get(name);
}

/** Where the photos of a concept are now: in the library, among the uploads, or nowhere. */
export async function examplesOf(
  { uploads }: AppContext,
  snapshot: Snapshot,
  { photoHashes }: Concept,
): Promise<({ id: string; name: string } | null)[]> {
  const uploaded = await uploads.hashes();
  return photoHashes.map((hash, index) => {
    if (uploaded.has(hash)) return { id: hash, name: `photo ${index + 1}` };
    const photo = snapshot.byHash.get(hash);
    return photo === undefined ? null : { id: photo.id, name: nameOf(photo) };
  });
}

/** Name of a photo's file, without its folder; of a photo of another server, which has its id there, its day. */
export function nameOf({ path, taken }: Pick<LibraryPhoto, 'path' | 'taken'>): string {
  if (!isAddress(path)) return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return taken === null ? 'photo' : `photo of ${new Date(taken).toISOString().slice(0, 10)}`;
}

export { toyboxThings };
