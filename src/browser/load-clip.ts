import { createClip, type FrozenClip } from '../clip/clip.ts';
import type { ClipConfig } from '../clip/config.ts';
import { describeModel, FAMILIES } from '../clip/families/describe.ts';
import { TOKEN_TABLE } from '../clip/graphs/text.ts';
import { cropToRgb } from '../clip/pixels/preprocess.ts';
import { createTokenizer } from '../clip/tokenizer.ts';
import { externalWeights } from '../clip/weights/external.ts';
import { type Checkpoint, requireTensor } from '../clip/weights/safetensors.ts';
import { type Matrix, matrixOf } from '../matrix.ts';
import { type Device, type EngineOptions, startEngine } from './engine.ts';
import { type FetchModelOptions, fetchModel, parseJson } from './fetch-model.ts';
import { type OpenPicture, openPicture, readPixels } from './picture.ts';
import type { WeightFile } from './token-table.ts';

/** How a model is fetched and run. */
export interface LoadClipOptions extends FetchModelOptions, EngineOptions {}

/** A frozen CLIP that also reads pictures from files that somebody gave to the page. */
export interface Clip extends FrozenClip {
  /** Where the image tower runs. */
  readonly device: Device;
  /** How it computes: `half` where WebGPU can, unless that was refused. */
  readonly precision: 'full' | 'half';
  /** Threads of the engine. */
  readonly threads: number;
  /** Embeddings `[N, P]` of pictures, not normalised; the first one that cannot be read is thrown. */
  encodeImages(images: readonly Blob[]): Promise<Matrix>;
  /** The embedding `[P]` of a picture that is open already, not normalised. */
  encodePicture(picture: OpenPicture): Promise<Float32Array>;
}

/**
 * Loads a CLIP from a folder of a static host (`./toybox/`) or from the Hugging Face hub (`ViT-B/32`).
 *
 * @throws PolarError when it cannot be had, is not a CLIP, or a file of it is damaged
 */
export async function loadClip(model: string, options: LoadClipOptions = {}): Promise<Clip> {
  const { id, revision, files, weights } = await fetchModel(model, options);
  const { config, preprocessorConfig, readTokenizer } = await describeModel(files, async (name) => [
    parseJson(files.get(name)!, name),
    name,
  ]);
  const { textRules, tokenizer } = await readTokenizer();
  const tensors = new Map([...weights.values()].flatMap((file) => [...file.tensors]));
  const weightBytes = new Map([...weights].map(([name, { bytes }]) => [name, bytes]));
  const tokenRows = readRows(weights, tensors, config);
  const engine = await startEngine(options);
  const clip = createClip({
    id,
    revision,
    config,
    preprocessorConfig,
    weights: externalWeights({ tensors, metadata: {} }, config.family, (file) => file),
    tokenizer: createTokenizer(...tokenizer, config.text.contextLength, textRules),
    textRules,
    tokenRows,
    gpuForm: engine.gpuForm,
    createSession: (graph, request) => engine.createSession(graph, weightBytes, request),
  });
  const encodePicture = async (picture: OpenPicture): Promise<Float32Array> =>
    (await clip.encodePixels(cropToRgb(readPixels(picture), preprocessorConfig), 1)).data;
  return {
    ...clip,
    device: engine.device,
    precision: engine.gpuForm?.precision === 'float16' ? 'half' : 'full',
    threads: engine.threads,
    encodePicture,
    async encodeImages(images) {
      const data = new Float32Array(images.length * config.dimension);
      for (const [row, image] of images.entries()) {
        const picture = await openPicture(image);
        try {
          data.set(await encodePicture(picture), row * config.dimension);
        } finally {
          picture.bitmap.close();
        }
      }
      return matrixOf(data, config.dimension);
    },
  };
}

/** Reads rows of the token table where it stayed at the host. */
function readRows(
  weights: ReadonlyMap<string, WeightFile>,
  tensors: Checkpoint['tensors'],
  { family, text: { vocabulary, width } }: ClipConfig,
): ((ids: readonly number[]) => Promise<Float32Array>) | undefined {
  const table = [...weights.values()].find((file) => file.table !== undefined)?.table;
  if (table === undefined) return undefined;
  const { tensor } = FAMILIES[family].place(TOKEN_TABLE, (name) => tensors.has(name));
  requireTensor({ tensors, metadata: {} }, tensor, [vocabulary, width]);
  return (ids) => table.rows(ids);
}
