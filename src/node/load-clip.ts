import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createClip, type FrozenClip, type SessionRequest, writeTextTower } from '../clip/clip.ts';
import { describeModel } from '../clip/families/describe.ts';
import { GPU_FORM, HALF_FORM } from '../clip/graphs/layers.ts';
import { TOKENIZER } from '../clip/hub/files.ts';
import { createTokenizer } from '../clip/tokenizer.ts';
import { PolarError } from '../errors.ts';
import { type Matrix, matrixOf } from '../matrix.ts';
import { type Device, type Precision, readDevice, readPrecision } from './devices/device.ts';
import { createSession } from './engine.ts';
import { type ResolveOptions, resolveModel } from './hub/fetch-model.ts';
import type { ModelLocation } from './local-model.ts';
import type { ImageSource } from './pixels/picture.ts';
import type { LoadPixelsOptions } from './pixels/picture-batch.ts';
import { readShared, shareTokenizer } from './shared-tokenizer.ts';
import { openWeights } from './weights.ts';

/** How a model is looked for and run. */
export interface LoadClipOptions extends ResolveOptions {
  /** Threads of the engine; all cores when absent. */
  readonly threads?: number | undefined;
  /** Whether other programs need the cores too, so that threads that wait sleep instead of spinning. */
  readonly sharesCores?: boolean | undefined;
  /**
   * Where photos are embedded: `cpu`, `webgpu`, `cuda`, or `auto`, which tries a GPU where some hundred photos are
   * embedded in one run and takes it where it is faster and agrees with the CPU (docs/gpu.md).
   *
   * @default POLAR_DEVICE, else 'auto'
   */
  readonly device?: Device | undefined;
  /**
   * How a GPU computes: with `half` up to twice as fast, and near ties of a search may change places; photos that are
   * indexed so have an index of their own.
   *
   * @default POLAR_PRECISION, else 'full'
   */
  readonly precision?: Precision | undefined;
  /**
   * Whether the text tower is loaded at once and runs on a thread of its own: for a lesson, which loads the rest meanwhile.
   *
   * @default false
   */
  readonly textThread?: boolean | undefined;
  /** Told in a line on which device photos are embedded and why, when that changes. */
  readonly onNote?: ((line: string) => void) | undefined;
}

/** A frozen CLIP that also reads pictures from files. */
export interface Clip extends FrozenClip {
  /** Where photos are embedded, as it was asked for. */
  readonly device: Device;
  /** How a GPU computes, part of the identity of an index. */
  readonly precision: Precision;
  /** Embeddings `[N, P]` of pictures, not normalised; the first one that cannot be read is thrown. */
  encodeImages(
    images: readonly ImageSource[],
    options?: LoadPixelsOptions & { readonly batchSize?: number },
  ): Promise<Matrix>;
}

/**
 * Loads a CLIP by directory, repository (`org/name[@revision]`), short name (`ViT-B/32`) or `toybox`.
 *
 * @throws PolarError when it cannot be found, is not a CLIP, or a file of it is damaged
 *
 * @example
 * ```ts
 * import { loadClip } from 'polar-vl';
 *
 * const clip = await loadClip('ViT-B/32');
 * const texts = await clip.encodeTexts(['a dog in the snow', 'a red car']); // [2, P]
 * const images = await clip.encodeImages(['rex1.jpg'], { orientation: 'honour' }); // [1, P]
 * console.log(texts.rows, images.rows); //=> 2 1
 * await clip.close();
 * ```
 */
export async function loadClip(model: string, options: LoadClipOptions = {}): Promise<Clip> {
  return openClip(await resolveModel(model, options), options);
}

/** How a model whose files are at hand is run. */
export interface OpenClipOptions
  extends Pick<
    LoadClipOptions,
    'threads' | 'sharesCores' | 'textThread' | 'device' | 'precision' | 'onNote'
  > {
  /**
   * Whether texts come one at a time for as long as the model is open: the text tower is prepared to be fast at that, at
   * the price of a private copy of its weights.
   */
  readonly fewTexts?: boolean | undefined;
}

/** Opens the CLIP whose files lie at `location`. */
export async function openClip(location: ModelLocation, options: OpenClipOptions = {}): Promise<Clip> {
  const { threads, sharesCores, fewTexts = false, onNote } = options;
  const device = readDevice(options.device);
  const precision = readPrecision(options.precision);
  const { config, preprocessorConfig, readTokenizer } = await describeModel(location.files, (name) => {
    const file = location.files.get(name);
    const read = () => readJson(location, name);
    return name === TOKENIZER && file !== undefined ? readShared(file, read) : read();
  });
  const { weights, folder } = await openWeights(location, config.family);
  const open = (graph: Uint8Array, { prepack, heavy, gpuGraph }: SessionRequest) =>
    createSession(graph, {
      weightFolder: folder,
      threads,
      prepack,
      ownThread: heavy,
      sharesCores,
      device,
      gpuGraph,
      onNote,
    });
  const textTower = options.textThread
    ? open(writeTextTower({})(config, weights), { prepack: fewTexts, heavy: true })
    : undefined;
  textTower?.catch(() => {}); // who needs it first is told
  const { contextLength } = config.text;
  const readTexts = async () => {
    const { textRules, tokenizer } = await readTokenizer();
    const settings = JSON.stringify([contextLength, textRules]);
    const make = () => createTokenizer(...tokenizer, contextLength, textRules);
    return { textRules, tokenizer: shareTokenizer(tokenizer[0], settings, make) };
  };
  const { textRules, tokenizer } = await readTexts().catch(async (error) => {
    await textTower?.then((tower) => tower.release()).catch(() => {});
    throw error;
  });
  const clip = createClip({
    id: location.id,
    revision: location.revision,
    config,
    preprocessorConfig,
    weights,
    tokenizer,
    textRules,
    fewTexts,
    textTower,
    gpuForm: device === 'cpu' ? undefined : precision === 'half' ? HALF_FORM : GPU_FORM,
    prefersGpu: device === 'webgpu' || device === 'cuda',
    createSession: open,
  });
  return {
    ...clip,
    device,
    precision,
    async encodeImages(images, { batchSize, ...imageOptions } = {}) {
      const { loadPixels, pixelsOf, stackPixels } = await import('./pixels/picture-batch.ts');
      const data = new Float32Array(images.length * config.dimension);
      const expected = images.length;
      for (let start = 0, end = 0; start < expected; start = end) {
        end = Math.min(start + (batchSize ?? clip.pictureBatch()), expected);
        const loaded = await loadPixels(images.slice(start, end), preprocessorConfig, imageOptions);
        const pixels = stackPixels(loaded.map(pixelsOf));
        const embeddings = await clip.encodePixels(pixels, loaded.length, { expected });
        data.set(embeddings.data, start * config.dimension);
      }
      return matrixOf(data, config.dimension);
    },
  };
}

async function readJson(location: ModelLocation, name: string): Promise<[json: unknown, file: string]> {
  const file = location.files.get(name);
  if (file === undefined) {
    throw new PolarError(
      `${location.id}: ${name} is missing; a model needs config.json, preprocessor_config.json, tokenizer.json and model.safetensors, or the files of an OpenCLIP repository`,
      'not-found',
    );
  }
  try {
    return [JSON.parse(await readFile(file, 'utf8')), file];
  } catch (error) {
    throw new PolarError(
      `${dirname(file)}: ${name} cannot be read (${error instanceof Error ? error.message : String(error)}); download the model again`,
      'unreadable',
    );
  }
}
