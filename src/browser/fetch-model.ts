import { findConversion } from '../clip/hub/conversion.ts';
import {
  FINGERPRINT_DIGITS,
  fingerprintSamples,
  MODEL_FILES,
  SHARD_INDEX,
  SINGLE_WEIGHTS,
} from '../clip/hub/files.ts';
import { parseRepositoryName } from '../clip/hub/names.ts';
import { readShardNames } from '../clip/weights/safetensors.ts';
import { PolarError } from '../errors.ts';
import { type DownloadProgress, fetchBytes, fetchCached, sha256 } from './fetch-bytes.ts';

/** How a model is fetched. */
export interface FetchModelOptions {
  /** What a model from a folder calls itself, in its concepts too; the folder's address when absent. */
  readonly id?: string | undefined;
  /** Address of the hub; huggingface.co when absent. */
  readonly endpoint?: string | undefined;
  /** Called as files arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A model whose files are in memory. */
export interface FetchedModel {
  readonly id: string;
  /** Commit of a repository, or the fingerprint that the command line gives the same folder. */
  readonly revision: string;
  /** Repository file name → content. */
  readonly files: ReadonlyMap<string, Uint8Array>;
}

/**
 * Fetches a model: from a folder of a static host (an address that starts with `/`, `./`, `../` or `http`), or from
 * the Hugging Face hub (`org/name[@revision]`, or a short name such as `ViT-B/32`), whose files are kept by the
 * browser's Cache API.
 *
 * @throws PolarError when it cannot be had
 */
export async function fetchModel(model: string, options: FetchModelOptions = {}): Promise<FetchedModel> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new PolarError(
      'the browser checks and keeps models only on secure pages; open this page by https, or from localhost',
    );
  }
  return /^(https?:|\.{0,2}\/)/.test(model) ? fromFolder(model, options) : fromHub(model, options);
}

async function fromFolder(folder: string, options: FetchModelOptions): Promise<FetchedModel> {
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, globalThis.location?.href).href;
  const files = await collect((name) => fetchBytes(`${base}${name}`, { ...options, name }));
  return { id: options.id ?? base, revision: await fingerprint(files), files };
}

async function fromHub(model: string, options: FetchModelOptions): Promise<FetchedModel> {
  const { id, revision } = parseRepositoryName(model);
  const hub = (options.endpoint ?? 'https://huggingface.co').replace(/\/+$/, '');
  const api = `${hub}/api/models/${id}`;
  // Without a network the last answer is used, so that a model that was fetched once works on a train.
  const ask = (url: string) => fetchCached(url, { ...options, name: id, fresh: true });
  const infoOf = async (revision: string): Promise<HubInfo> => {
    const url = `${api}/revision/${encodeURIComponent(revision)}?blobs=true`;
    return parseInfo(await ask(url), url);
  };
  const info = await infoOf(revision);
  let weights = info;
  if (!info.siblings.some(({ rfilename }) => rfilename === SINGLE_WEIGHTS || rfilename === SHARD_INDEX)) {
    const conversion = await findConversion(api, info.sha, async (url) => {
      const answer = await ask(url);
      return answer && parseJson(answer, url);
    });
    if (conversion !== undefined) weights = await infoOf(conversion);
  }
  const files = await collect(async (name) => {
    const { sha, siblings } = MODEL_FILES.some((file) => file === name) ? info : weights;
    const sibling = siblings.find((file) => file.rfilename === name);
    if (sibling === undefined) return undefined;
    const { size, lfs } = sibling;
    return fetchCached(`${hub}/${id}/resolve/${sha}/${name}`, {
      ...options,
      name,
      size: lfs?.size ?? size,
      sha256: lfs?.sha256,
    });
  });
  return { id, revision: info.sha, files };
}

type FetchFile = (name: string) => Promise<Uint8Array | undefined>;

/** The files of a CLIP, its weights in one file or several. */
async function collect(fetchFile: FetchFile): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const add = async (name: string): Promise<Uint8Array | undefined> => {
    const bytes = await fetchFile(name);
    if (bytes !== undefined) files.set(name, bytes);
    return bytes;
  };
  const require = async (name: string): Promise<void> => {
    if ((await add(name)) === undefined) {
      throw new PolarError(
        `${name} is missing; a CLIP model has ${MODEL_FILES.join(', ')} and ${SINGLE_WEIGHTS}, choose another one`,
      );
    }
  };
  for (const name of MODEL_FILES) await require(name);
  if ((await add(SINGLE_WEIGHTS)) !== undefined) return files;
  const index = await add(SHARD_INDEX);
  if (index === undefined) await require(SINGLE_WEIGHTS);
  for (const name of readShardNames(parseJson(index!, SHARD_INDEX), SHARD_INDEX)) await require(name);
  return files;
}

/** The fingerprint of a folder's model, the same that Node's `localModel` computes. */
async function fingerprint(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [files.get('config.json')!, files.get('tokenizer.json')!];
  for (const [name, bytes] of files) {
    if (!name.endsWith('.safetensors')) continue;
    parts.push(new TextEncoder().encode(`${name} ${bytes.length}\n`));
    const { length, positions } = fingerprintSamples(bytes.length);
    for (const position of positions) parts.push(bytes.subarray(position, position + length));
  }
  const joined = await new Blob(parts as BlobPart[]).arrayBuffer();
  return (await sha256(new Uint8Array(joined))).slice(0, FINGERPRINT_DIGITS);
}

interface HubInfo {
  readonly sha: string;
  readonly siblings: readonly {
    readonly rfilename: string;
    readonly size?: number;
    readonly lfs?: { readonly sha256: string; readonly size: number };
  }[];
}

function parseInfo(bytes: Uint8Array | undefined, url: string): HubInfo {
  if (bytes === undefined) throw new PolarError(`${url}: no such model; check its name`);
  const info = parseJson(bytes, url) as Partial<HubInfo>;
  if (typeof info?.sha !== 'string' || !Array.isArray(info.siblings)) {
    throw new PolarError(`${url}: not an answer of the Hugging Face hub; check the address`);
  }
  return info as HubInfo;
}

/** Parses a JSON file of a model. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new PolarError(`${name}: not JSON; the model cannot be read, choose another one`);
  }
}
