import { isCommit, isWeightFileName, requireCommit, requireSize } from '../clip/hub/checks.ts';
import { findConversion } from '../clip/hub/conversion.ts';
import {
  FINGERPRINT_DIGITS,
  fingerprintSamples,
  PREPROCESSOR,
  PROCESSOR,
  planFiles,
  TOKENIZER,
  WEIGHT_FILES,
} from '../clip/hub/files.ts';
import { parseRepositoryName, SHORT_NAMES } from '../clip/hub/names.ts';
import { PolarError } from '../errors.ts';
import { type DownloadProgress, fetchBytes, fetchCached, sha256 } from './fetch-bytes.ts';
import { fetchWeights, LEAST_TABLE, type WeightFile } from './token-table.ts';

/** How a model is fetched. */
export interface FetchModelOptions {
  /** What a model from a folder calls itself, in its concepts too; the folder's address when absent. */
  readonly id?: string | undefined;
  /** Address of the hub; huggingface.co when absent. */
  readonly endpoint?: string | undefined;
  /** Called as files arrive. */
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /**
   * Bytes of a token table from which on it stays at the host, 64 MiB when absent: a sentence then fetches the rows of
   * its words, where the host gives parts of files.
   */
  readonly leastTable?: number | undefined;
}

/** A model whose files are in memory. */
export interface FetchedModel {
  readonly id: string;
  /** Commit of a repository, or the fingerprint that the command line gives the same folder. */
  readonly revision: string;
  /** Repository file name → content, weights aside. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Repository file name → weights. */
  readonly weights: ReadonlyMap<string, WeightFile>;
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
      'unreachable',
    );
  }
  return /^(https?:|\.{0,2}\/)/.test(model) ? fromFolder(model, options) : fromHub(model, options);
}

async function fromFolder(folder: string, options: FetchModelOptions): Promise<FetchedModel> {
  const { leastTable = LEAST_TABLE } = options;
  const base = new URL(folder.endsWith('/') ? folder : `${folder}/`, globalThis.location?.href).href;
  const collected = await collect(
    (name) => fetchBytes(`${base}${name}`, { ...options, name }),
    (name) => fetchWeights(`${base}${name}`, { ...options, name, leastTable, isKept: false }),
    async () => undefined,
  );
  return { id: options.id ?? base, revision: await fingerprint(collected), ...collected };
}

async function fromHub(model: string, options: FetchModelOptions): Promise<FetchedModel> {
  const { leastTable = LEAST_TABLE } = options;
  const { id, revision } = parseRepositoryName(model);
  const hub = (options.endpoint ?? 'https://huggingface.co').replace(/\/+$/, '');
  const api = `${hub}/api/models/${id}`;
  // Without a network the last answer is used, so that a model that was fetched once works on a train.
  const ask = (url: string) => fetchCached(url, { ...options, name: id, fresh: true });
  const infoOf = async (revision: string): Promise<HubInfo> => {
    const url = `${api}/revision/${encodeURIComponent(revision)}?blobs=true`;
    return parseInfo(await ask(url), revision, url);
  };
  const info = await infoOf(revision);
  let weights = info;
  const isWeights = (file: Sibling) => WEIGHT_FILES.some((name) => name === file?.rfilename);
  if (!info.siblings.some(isWeights)) {
    const conversion = await findConversion(api, info.sha, async (url) => {
      const answer = await ask(url);
      return answer && parseJson(answer, url);
    });
    if (conversion !== undefined) weights = await infoOf(conversion);
  }
  const place = (name: string) => {
    const isWeight = name.endsWith('.safetensors') || WEIGHT_FILES.some((file) => file === name);
    const { sha, siblings } = isWeight ? weights : info;
    const sibling = siblings.find((file) => file?.rfilename === name);
    if (sibling === undefined) return undefined;
    const url = `${hub}/${id}/resolve/${sha}/${name}`;
    const stated = sibling.lfs?.size ?? sibling.size;
    const size = stated === undefined ? undefined : requireSize(stated, name, url);
    return { url, stated: { ...options, name, size, sha256: sibling.lfs?.sha256 } };
  };
  const fetchFile = async (name: string) => {
    const file = place(name);
    return file && fetchCached(file.url, file.stated);
  };
  const fetchWeightFile = async (name: string) => {
    const file = place(name);
    return file && fetchWeights(file.url, { ...file.stated, leastTable, isKept: true });
  };
  // CLIP's own tokenizer, for OpenCLIP's repositories that come without one.
  const ofClip = `${hub}/${SHORT_NAMES['ViT-B/32']}/resolve/main/${TOKENIZER}`;
  const { files, weights: weightFiles } = await collect(fetchFile, fetchWeightFile, () =>
    fetchCached(ofClip, { ...options, name: TOKENIZER }),
  );
  return { id, revision: info.sha, files, weights: weightFiles };
}

type Fetch<Content> = (name: string) => Promise<Content | undefined>;

interface Collected extends Pick<FetchedModel, 'files' | 'weights'> {
  /** Name of the config. */
  readonly config: string;
}

/** The files of a model; each is fetched once, when it is first asked for. */
async function collect(
  fetchFile: Fetch<Uint8Array>,
  fetchWeightFile: Fetch<WeightFile>,
  fetchClipTokenizer: () => Promise<Uint8Array | undefined>,
): Promise<Collected> {
  const get = once(fetchFile);
  const getWeights = once(fetchWeightFile);
  const plan = await planFiles({
    async present(names) {
      const found: string[] = [];
      for (const name of names) {
        // A static host lists nothing, so that each question is a request: the newer place is the second one.
        if (name === PROCESSOR && found.includes(PREPROCESSOR)) continue;
        const content = await (isWeightFileName(name) ? getWeights(name) : get(name));
        if (content !== undefined) found.push(name);
      }
      return new Set(found);
    },
    readJson: async (name) => parseJson((await get(name))!, name),
  });
  if (plan.missing.length > 0) {
    throw new PolarError(
      `${plan.missing.join(', ')} missing; a model has config.json, preprocessor_config.json, tokenizer.json and model.safetensors, choose another one`,
      'not-found',
    );
  }
  const files = new Map<string, Uint8Array>();
  const weights = new Map<string, WeightFile>();
  for (const name of plan.files) {
    if (isWeightFileName(name)) weights.set(name, (await getWeights(name))!);
    else files.set(name, (await get(name))!);
  }
  // CLIP's own tokenizer comes with the package, but not with a page.
  if (plan.usesClipTokenizer) {
    const tokenizer = await fetchClipTokenizer();
    if (tokenizer === undefined)
      throw new PolarError(`${TOKENIZER} is missing; put CLIP's beside the model`, 'not-found');
    files.set(TOKENIZER, tokenizer);
  }
  return { config: plan.config, files, weights };
}

/** The same, with every name fetched once. */
function once<Content>(fetchIt: Fetch<Content>): Fetch<Content> {
  const fetched = new Map<string, Promise<Content | undefined>>();
  return (name) => {
    let content = fetched.get(name);
    if (content === undefined) {
      content = fetchIt(name);
      fetched.set(name, content);
    }
    return content;
  };
}

/** The fingerprint of a folder's model, the same that Node's `localModel` computes. */
async function fingerprint({ config, files, weights }: Collected): Promise<string> {
  const parts: Uint8Array[] = [files.get(config)!, files.get(TOKENIZER)!];
  for (const [name, { size, read }] of weights) {
    parts.push(new TextEncoder().encode(`${name} ${size}\n`));
    const { length, positions } = fingerprintSamples(size);
    for (const position of positions) parts.push(await read(position, position + length));
  }
  const joined = await new Blob(parts as BlobPart[]).arrayBuffer();
  return (await sha256(new Uint8Array(joined))).slice(0, FINGERPRINT_DIGITS);
}

interface Sibling {
  readonly rfilename: string;
  readonly size?: number;
  readonly lfs?: { readonly sha256: string; readonly size: number };
}

interface HubInfo {
  readonly sha: string;
  readonly siblings: readonly Sibling[];
}

function parseInfo(bytes: Uint8Array | undefined, revision: string, url: string): HubInfo {
  if (bytes === undefined) throw new PolarError(`${url}: no such model; check its name`, 'not-found');
  const info = parseJson(bytes, url) as Partial<HubInfo>;
  if (!Array.isArray(info?.siblings)) {
    throw new PolarError(`${url}: not an answer of the Hugging Face hub; check the address`, 'unreachable');
  }
  const sha = requireCommit(info.sha, url);
  if (isCommit(revision) && sha !== revision) {
    throw new PolarError(`${url}: answers commit ${sha} for ${revision}; check the address`, 'unreachable');
  }
  return { sha, siblings: info.siblings as Sibling[] };
}

/** Parses a JSON file of a model. */
export function parseJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new PolarError(`${name}: not JSON; the model cannot be read, choose another one`, 'unreadable');
  }
}
