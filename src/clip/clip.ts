import { PolarError } from '../errors.ts';
import { type Matrix, matrixOf } from '../matrix.ts';
import type { ClipConfig, TextConfig, TextRules } from './config.ts';
import { emptyFrozenTexts, type Forward, type FrozenTexts } from './frozen-texts.ts';
import type { Feed, GraphSession } from './graphs/graph-session.ts';
import { buildHeadGraph } from './graphs/head.ts';
import { buildImageGraph } from './graphs/image.ts';
import type { GraphForm, Weights } from './graphs/layers.ts';
import { buildTextGraph } from './graphs/text.ts';
import { ImageTower } from './image-tower.ts';
import type { PreprocessorConfig } from './pixels/preprocess.ts';
import type { ClipTokenizer } from './tokenizer.ts';

/** A low-rank update of the last value projection, as `composeUpdates` makes it. */
interface LowRank {
  readonly rank: number;
  readonly A: Float32Array;
  readonly B: Float32Array;
}

/** How a graph is loaded. */
export interface GraphOptions {
  /** Whether ONNX Runtime may copy the weights into its own layout. */
  readonly prepack: boolean;
  /** Much arithmetic in few runs: work for a GPU, where the engine has one, or for a thread of its own. */
  readonly heavy?: boolean;
}

/** How a written graph is loaded. */
export interface SessionRequest {
  readonly prepack: boolean;
  readonly heavy: boolean;
  /** The same graph for a GPU; without it the graph stays on the CPU. */
  readonly gpuGraph?: GpuGraph | undefined;
}

/** A graph as a GPU runs it fastest. */
export interface GpuGraph {
  readonly precision: GraphForm['precision'];
  readonly graph: Uint8Array;
}

/** Writes a graph for a model. */
export type GraphWriter = (config: ClipConfig, weights: Weights) => Uint8Array;

/** A frozen CLIP. Its graphs are loaded when they are first used: a search never opens the image tower. */
export interface FrozenClip {
  /** Repository name, `toybox`, or the directory it was loaded from. */
  readonly id: string;
  /** Commit of the repository, or a fingerprint of a local directory. */
  readonly revision: string;
  readonly config: ClipConfig;
  /** P, length of an embedding. */
  readonly dimension: number;
  /** D, width of the text tower. */
  readonly width: number;
  /** Index of the last text layer, the one that concepts update. */
  readonly lastLayer: number;
  readonly preprocessorConfig: PreprocessorConfig;
  /** Token ids of each text; a text over the model's context is a `PolarError`, or cut, as its family has it. */
  tokenize(texts: readonly string[]): number[][];
  /** Whether the end of a text is cut off, since it is over the model's context. */
  isCut(text: string): boolean;
  /** Sends texts through the frozen tower once. */
  freezeTexts(texts: readonly string[], options?: { readonly batchSize?: number }): Promise<FrozenTexts>;
  /**
   * Begins to send texts through the tower which will likely be the first that are asked for. Where others are, they get
   * the numbers that they get without this. Absent from a CLIP that remembers no texts.
   */
  readonly expectTexts?: (texts: readonly string[]) => void;
  /** Embeddings `[N, P]` of frozen texts under an update, or plain CLIP's without one; not normalised. */
  encodeFrozen(
    frozen: FrozenTexts,
    update?: LowRank,
    options?: { readonly forward?: Forward },
  ): Promise<Matrix>;
  /** Plain CLIP embeddings `[N, P]`, not normalised. */
  encodeTexts(texts: readonly string[], options?: { readonly batchSize?: number }): Promise<Matrix>;
  /**
   * Embeddings `[count, P]` of pictures, not normalised.
   *
   * @param pixels bytes `[count, S, S, 3]` as `cropToRgb` gives them, or normalised `[count, 3, S, S]`
   * @param options.expected pictures that come in all, these among them: for few of them the tower opens at once, for
   *   many it is prepared to be fast, and a GPU is tried; `count` by default
   */
  encodePixels(
    pixels: Uint8Array | Float32Array,
    count: number,
    options?: { readonly expected?: number | undefined },
  ): Promise<Matrix>;
  /** How many pictures should go through the image tower together, on the device that it runs on now. */
  pictureBatch(): number;
  /** A further graph over this model's weights, loaded once under `name`. */
  openGraph(name: string, write: GraphWriter, options: GraphOptions): Promise<GraphSession>;
  /** Frees the engine's memory. */
  close(): Promise<void>;
}

// Measured in bench/load.ts: large enough that the matrix products run at full speed, small enough that a
// batch of 77 tokens stays below 100 MB of activations at ViT-L/14 size.
const TEXT_BATCH = 32;
const HEAD_ROWS = 512;
const PICTURE_BATCH = 16; // on a CPU more pictures together are no faster, and are lost together when a run is stopped

// Rows of a matrix product at which a GPU is fast: fewer, and the launches take most of the time; more, and the
// activations of a large tower no longer fit its caches (bench/gpu.ts: 64 pictures of ViT-B/32, 16 of ViT-L/14).
const GPU_ROWS = 4096;

function gpuBatch({ vision: { imageSize, patchSize } }: ClipConfig): number {
  const pictures = GPU_ROWS / ((imageSize / patchSize) ** 2 + 1);
  return Math.min(64, Math.max(4, 2 ** Math.round(Math.log2(pictures))));
}

/** What a CLIP is made of; where the files and the engine come from is the caller's affair (Node or a browser). */
export interface ClipParts {
  readonly id: string;
  readonly revision: string;
  readonly config: ClipConfig;
  readonly preprocessorConfig: PreprocessorConfig;
  readonly weights: Weights;
  readonly tokenizer: ClipTokenizer;
  readonly textRules: TextRules;
  /** Whether pictures go to a GPU whatever their number. */
  readonly prefersGpu?: boolean;
  /** How the image tower is written for a GPU; none is used when absent. */
  readonly gpuForm?: GraphForm | undefined;
  /**
   * Whether texts come one at a time, again and again: the weights of their tower are prepacked, a private copy. Else
   * ONNX Runtime packs them in every run anew, which for few tokens takes longer than the product (bench/few-tokens.ts).
   */
  readonly fewTexts?: boolean | undefined;
  /** The text tower where it is being loaded already, as `writeTextTower` writes it. */
  readonly textTower?: Promise<GraphSession> | undefined;
  /** Rows `[n, D]` of the token table by id, where the table does not lie among the weights. */
  readonly tokenRows?: ((ids: readonly number[]) => Promise<Float32Array>) | undefined;
  /** Loads a graph over the weights. */
  readonly createSession: (graph: Uint8Array, request: SessionRequest) => Promise<GraphSession>;
}

const TEXT_TOWER = 'text';

/** Writes the text tower of a CLIP made of these parts. */
export const writeTextTower =
  ({ tokenRows }: Pick<ClipParts, 'tokenRows'>): GraphWriter =>
  (config, weights) =>
    buildTextGraph(config, weights, { givenRows: tokenRows !== undefined });

/** Puts a frozen CLIP together. */
export function createClip(parts: ClipParts): FrozenClip {
  const { config, weights, preprocessorConfig, tokenizer, textRules, tokenRows, createSession } = parts;
  const { fewTexts = false } = parts;
  const { readAt, vocabulary } = config.text;
  const tokenize = (texts: readonly string[]): number[][] => {
    const tokens = tokenizer.tokenize(texts);
    const isUnknown = (id: number) => id >= vocabulary;
    const isUnread = (ids: number[]) => ids.some(isUnknown) || readPosition(ids, config.text) < 0;
    if (isUnknown(textRules.padToken) || tokens.some(isUnread)) {
      throw new PolarError(
        `${parts.id}: tokenizer.json gives tokens that the config doesn't have (vocab_size ${vocabulary}${typeof readAt === 'number' ? `, eos_token_id ${readAt}` : ''}); the files are of different models, download the model again`,
        'unreadable',
      );
    }
    return tokens;
  };
  const sessions = new Map<string, Promise<GraphSession>>();
  if (parts.textTower !== undefined) sessions.set(TEXT_TOWER, parts.textTower);
  const openGraph: FrozenClip['openGraph'] = (name, write, { prepack, heavy = false }) => {
    let session = sessions.get(name);
    if (session === undefined) {
      session = Promise.resolve()
        .then(() => write(config, weights))
        .then((graph) => createSession(graph, { prepack, heavy }));
      sessions.set(name, session);
    }
    return session;
  };
  const openTower = (bytes: PreprocessorConfig | undefined) =>
    new ImageTower(
      config,
      async (prepack) => {
        const { gpuForm: form } = parts;
        const gpuGraph = form && {
          precision: form.precision,
          graph: buildImageGraph(config, weights, { bytes, form }),
        };
        return createSession(buildImageGraph(config, weights, { bytes }), { prepack, heavy: true, gpuGraph });
      },
      parts.prefersGpu,
    );
  const imageTower = openTower(preprocessorConfig);
  const floatTower = openTower(undefined); // for pixels that the caller has normalised
  const finite = (data: Float32Array): Matrix => {
    if (data.every(Number.isFinite)) return matrixOf(data, config.dimension);
    throw new PolarError(
      `${parts.id}: the model gives embeddings that are not finite, so its weights are damaged; download it again`,
      'unreadable',
    );
  };

  const clip: FrozenClip = {
    id: parts.id,
    revision: parts.revision,
    config,
    dimension: config.dimension,
    width: config.text.width,
    lastLayer: config.text.layers - 1,
    preprocessorConfig,
    tokenize,
    isCut: tokenizer.isCut,
    openGraph,

    async freezeTexts(texts, { batchSize = TEXT_BATCH } = {}) {
      const { width, heads } = config.text;
      const tokens = tokenize(texts);
      const frozen = emptyFrozenTexts(texts.length, width, heads);
      const writeTower = writeTextTower(parts);
      // The rows of all texts at once: where they come from far away, each trip costs more than its bytes.
      const lookUp = tokenRows && (await openRows(tokens, textRules.padToken, width, tokenRows));
      // Texts of like length share a batch, because a batch is as long as its longest text.
      const order = tokens.map((_, index) => index).sort((i, j) => tokens[i]!.length - tokens[j]!.length);
      for (let start = 0; start < order.length; start += batchSize) {
        const indices = order.slice(start, start + batchSize);
        const session = await openGraph(TEXT_TOWER, writeTower, { prepack: fewTexts });
        const padded = padTokens(
          indices.map((index) => tokens[index]!),
          config.text,
          textRules.padToken,
        );
        const outputs = await session.run(
          lookUp === undefined ? padded : { rows: lookUp(padded.tokens), end: padded.end },
        );
        const scatter = (from: Float32Array, to: Float32Array) => {
          const size = from.length / indices.length;
          for (const [row, index] of indices.entries()) {
            to.set(from.subarray(row * size, (row + 1) * size), index * size);
          }
        };
        scatter(outputs.residual!, frozen.residual);
        scatter(outputs.contexts!, frozen.exact.contexts);
        scatter(outputs.value!, frozen.exact.value);
        scatter(outputs.releasedContexts!, frozen.released.contexts);
        scatter(outputs.releasedValue!, frozen.released.value);
      }
      return frozen;
    },

    async encodeFrozen(frozen, update, { forward = 'exact' } = {}) {
      const { width } = config.text;
      const row = frozen[forward];
      const write: GraphWriter = (c, w) => buildHeadGraph(c, w, row.heads);
      const session = await openGraph(`head-${forward}`, write, { prepack: false });
      const rank = Math.max(1, update?.rank ?? 0); // rank 0 runs as one zero update
      const a = update?.rank ? update.A : new Float32Array(width);
      const b = update?.rank ? update.B : new Float32Array(width);
      if (a.length !== rank * width || b.length !== rank * width) {
        throw new PolarError(
          `the concept has width ${a.length / rank}, the model ${parts.id} has ${width}; use the model it was learnt with`,
          'wrong-model',
        );
      }
      const data = new Float32Array(frozen.count * config.dimension);
      for (let start = 0; start < frozen.count; start += HEAD_ROWS) {
        const end = Math.min(start + HEAD_ROWS, frozen.count);
        const rows = (from: Float32Array, ...dims: number[]) => {
          const size = dims.reduce((product, dim) => product * dim, 1);
          return { data: from.subarray(start * size, end * size), dims: [end - start, ...dims] };
        };
        const { embedding } = await session.run({
          residual: rows(frozen.residual, width),
          contexts: rows(row.contexts, row.heads, width),
          value: rows(row.value, width),
          A: { data: a, dims: [rank, width] },
          B: { data: b, dims: [rank, width] },
        });
        data.set(embedding!, start * config.dimension);
      }
      return finite(data);
    },

    async encodeTexts(texts, encodeOptions) {
      return clip.encodeFrozen(await clip.freezeTexts(texts, encodeOptions));
    },

    async encodePixels(pixels, count, { expected = count } = {}) {
      const { imageSize: side } = config.vision;
      if (pixels instanceof Uint8Array) {
        return finite(await imageTower.run(pixels, [count, side, side, 3], expected));
      }
      return finite(await floatTower.run(pixels, [count, 3, side, side], expected));
    },

    pictureBatch: () => (imageTower.isOnGpu ? gpuBatch(config) : PICTURE_BATCH),

    async close() {
      await Promise.all([imageTower.close(), floatTower.close()]);
      const open = [...sessions.values()];
      sessions.clear();
      for (const session of open) await session.then((opened) => opened.release()).catch(() => {});
    },
  };
  return clip;
}

/** Fetches the rows of all tokens of some texts, each once; the function gives those of a batch, `[N, T, D]`. */
async function openRows(
  texts: readonly (readonly number[])[],
  padToken: number,
  width: number,
  tokenRows: NonNullable<ClipParts['tokenRows']>,
): Promise<(tokens: { readonly data: BigInt64Array; readonly dims: readonly number[] }) => Feed> {
  const ids = [...new Set([padToken, ...texts.flat()])].sort((a, b) => a - b);
  const rows = await tokenRows(ids);
  const at = new Map(ids.map((id, index) => [id, index * width]));
  return ({ data, dims }) => {
    const embedded = new Float32Array(data.length * width);
    for (const [place, id] of data.entries()) {
      const start = at.get(Number(id))!;
      embedded.set(rows.subarray(start, start + width), place * width);
    }
    return { data: embedded, dims: [...dims, width] };
  };
}

/**
 * A batch of texts as the text tower takes it, `tokens [N, length]`, padded to its longest text where what stands behind
 * the row that is read never matters, and to T everywhere else.
 */
export function padTokens(batch: readonly (readonly number[])[], config: TextConfig, padToken: number) {
  const { causal, readAt, contextLength } = config;
  const isTrimmed = causal && readAt !== 'last';
  const length = isTrimmed ? Math.max(...batch.map((ids) => ids.length)) : contextLength;
  const tokens = new BigInt64Array(batch.length * length).fill(BigInt(padToken));
  const end = new BigInt64Array(batch.length);
  for (const [row, ids] of batch.entries()) {
    tokens.set(ids.map(BigInt), row * length);
    end[row] = BigInt(readPosition(ids, config));
  }
  return {
    tokens: { data: tokens, dims: [batch.length, length] },
    end: { data: end, dims: [batch.length] },
  };
}

/** The position whose embedding is the text's, or -1. */
function readPosition(ids: readonly number[], { readAt, contextLength }: TextConfig): number {
  if (readAt === 'last') return contextLength - 1;
  return ids.indexOf(readAt === 'highest' ? Math.max(...ids) : readAt);
}
