import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { golden, goldenModel, TINY_CLIP } from '../../test/data.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { padTokens } from '../clip/clip.ts';
import { FAMILIES } from '../clip/families/describe.ts';
import { preprocess } from '../clip/pixels/preprocess.ts';
import { createTokenizer } from '../clip/tokenizer.ts';
import { PolarError } from '../errors.ts';
import { matrixOf } from '../matrix.ts';
import { personalize } from '../polar/personalize.ts';
import { kaimingUniformA } from '../polar/random/torch.ts';
import { readConcept } from './concepts/concept-folder.ts';
import { type Clip, loadClip } from './load-clip.ts';
import { decodeImage } from './pixels/picture.ts';

interface Run {
  readonly prompts: string[];
  readonly lr: number;
  readonly reg_weight: number;
  readonly iters: number;
  readonly seed: number;
  readonly forward: 'exact';
  readonly loss: number[];
}

describe.each([
  ['siglip', 'siglip'],
  ['siglip2', 'siglip'],
  ['metaclip2', 'metaclip_2'],
  ['open_clip_plain', 'open_clip'],
  ['open_clip_custom_text', 'open_clip'],
] as const)('a model of another family and its own code: %s', (name, family) => {
  const path = (file: string) => goldenModel(`${name}/${file}`);
  const npy = async (file: string) => (await readNpy(path(`${file}.npy`))).data;
  const json = <T>(file: string) => JSON.parse(readFileSync(path(`${file}.json`), 'utf8')) as T;
  // Of OpenCLIP's models the reference has neither tokens (they are CLIP's) nor a training run.
  const isFromTransformers = existsSync(path('tokens.json'));
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(path('model'), { threads: 1 });
  });
  afterAll(() => clip.close());

  it('a family is told by its files', () => {
    expect(clip.config.family).toBe(family);
  });

  if (isFromTransformers)
    it('have the same token ids, before and after padding', () => {
      const file = path('model/tokenizer.json');
      const tokenizerJson = JSON.parse(readFileSync(file, 'utf8')) as unknown;
      const rules = FAMILIES[family].texts(tokenizerJson, file);
      const uncut = createTokenizer(tokenizerJson, file, 1_000, rules);
      for (const { text, tokens } of json<{ text: string; tokens: number[] }[]>('tokens')) {
        expect(uncut.tokenize([text])[0], text).toEqual(tokens);
      }
      const expected = json<number[][]>('input_ids');
      const padded = padTokens(
        clip.tokenize(json('texts')),
        { ...clip.config.text, causal: false },
        rules.padToken,
      );
      expect(Array.from(padded.tokens.data, Number)).toEqual(expected.flat());
    });

  it('prepare pictures alike within a grey level', async () => {
    const { preprocessorConfig } = clip;
    const expected = await npy('pixel_values');
    const size = 3 * preprocessorConfig.cropTo ** 2;
    for (const [i, image] of json<string[]>('images').entries()) {
      const pixels = preprocess(await decodeImage(golden(`images/${image}`)), preprocessorConfig);
      const levels = pixels.map((value, j) => {
        const std = preprocessorConfig.std[Math.floor((3 * j) / size)]!;
        return Math.abs(value - expected[i * size + j]!) * std * 255;
      });
      expect(Math.max(...levels), image).toBeLessThan(1);
    }
  });

  it('both embed texts and pictures alike within 1e-4', async () => {
    const texts = await clip.encodeTexts(json('texts'));
    expect(relativeError(texts.data, await npy('text_embeddings'))).toBeLessThan(1e-4);
    const count = json<string[]>('images').length;
    const images = await clip.encodePixels(await npy('pixel_values'), count);
    expect(relativeError(images.data, await npy('image_embeddings'))).toBeLessThan(1e-4);
  });

  it('give a text under a concept the same embedding within 1e-4', async () => {
    const frozen = await clip.freezeTexts(json('texts'));
    const update = { rank: 1, A: await npy('concept_A'), B: await npy('concept_B') };
    const { data } = await clip.encodeFrozen(frozen, update);
    expect(relativeError(data, await npy('update_one'))).toBeLessThan(1e-4);
    expect(relativeError(data, (await clip.encodeFrozen(frozen)).data)).toBeGreaterThan(0.01);
  });

  if (existsSync(path('peft')))
    it("give it under the same concept in an adapter that Python's peft wrote, too", async () => {
      const { A, B } = await readConcept(path('peft'));
      const { data } = await clip.encodeFrozen(await clip.freezeTexts(json('texts')), { rank: 1, A, B });
      expect(relativeError(data, await npy('update_one'))).toBeLessThan(1e-4);
    });

  if (isFromTransformers)
    it('learn alike: A before, each loss within 1e-5, A and B within 1e-3', async () => {
      const run = json<Run>('train');
      expect(kaimingUniformA(run.seed, clip.width)).toEqual(await npy('train_A0'));
      const features = matrixOf(await npy('train_image_features'), clip.dimension);
      const [learnt] = await personalize(clip, [{ prompts: run.prompts, features, seed: run.seed }], {
        iterations: run.iters,
        regWeight: run.reg_weight,
        learningRate: run.lr,
        forward: run.forward,
      });
      for (const [i, loss] of run.loss.entries()) {
        expect(Math.abs(learnt!.losses[i]! - loss) / loss, `loss ${i}`).toBeLessThan(1e-5);
      }
      expect(relativeError(learnt!.A, await npy('train_A'))).toBeLessThan(1e-3);
      expect(relativeError(learnt!.B, await npy('train_B'))).toBeLessThan(1e-3);
    });
});

describe("OpenCLIP's towers with a bias of the projection and heads of width 16, as PyTorch's modules compute them", () => {
  const path = (file: string) => goldenModel(`open_clip_proj_bias/${file}`);
  const npy = async (file: string) => (await readNpy(path(`${file}.npy`))).data;
  const texts = JSON.parse(readFileSync(path('texts.json'), 'utf8')) as string[];
  let clip: Clip;
  beforeAll(async () => {
    clip = await loadClip(path('model'), { threads: 1 });
  });
  afterAll(() => clip.close());

  it('embed texts and pictures alike within 1e-4', async () => {
    expect(clip.tokenize(texts)).toEqual(JSON.parse(readFileSync(path('input_ids.json'), 'utf8')));
    const { data } = await clip.encodeTexts(texts);
    expect(relativeError(data, await npy('text_embeddings'))).toBeLessThan(1e-4);
    const images = await clip.encodePixels(await npy('pixel_values'), 3);
    expect(relativeError(images.data, await npy('image_embeddings'))).toBeLessThan(1e-4);
  });

  it("OpenCLIP's towers with a bias of the projection give a text under a concept the same embedding within 1e-4", async () => {
    const update = { rank: 1, A: await npy('concept_A'), B: await npy('concept_B') };
    const { data } = await clip.encodeFrozen(await clip.freezeTexts(texts), update);
    expect(relativeError(data, await npy('update_one'))).toBeLessThan(1e-4);
  });
});

describe('files that do not belong together', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'polar-families-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** A copy of a reference model, whose files may be replaced. */
  async function copyOf(name: string): Promise<string> {
    const copy = await mkdtemp(join(folder, `${name}-`));
    await cp(goldenModel(`${name}/model`), copy, { recursive: true });
    return copy;
  }
  const refusal = async (model: string, message: RegExp) => {
    const first = async () => {
      const clip = await loadClip(model, { threads: 1 });
      try {
        await clip.encodeTexts(['a']);
        await clip.encodePixels(new Float32Array(3 * 64 * 64), 1);
      } finally {
        await clip.close();
      }
    };
    const refused = await first().catch((error: Error) => error);
    expect(refused).toBeInstanceOf(PolarError);
    expect((refused as Error).message).toMatch(message);
    expect((refused as Error).message).not.toMatch(/\n/);
  };

  it.each([
    ['siglip', 'metaclip2/model/model.safetensors', /weights of CLIP, the config describes SigLIP;/],
    ['metaclip2', 'siglip/model/model.safetensors', /weights of SigLIP, the config describes MetaCLIP 2;/],
    [
      'siglip2',
      'open_clip_plain/model/open_clip_model.safetensors',
      /weights of OpenCLIP, the config describes SigLIP;/,
    ],
  ])(
    'files that do not belong together are refused by name: the config of %s with the weights of %s',
    async (name, weights, message) => {
      const copy = await copyOf(name);
      await cp(goldenModel(weights), join(copy, 'model.safetensors'));
      await refusal(copy, message);
    },
  );

  it.each([
    ['siglip', 'model.safetensors', 'text_model.head.weight'],
    ['siglip', 'model.safetensors', 'vision_model.head.attention.in_proj_weight'],
    ['open_clip_plain', 'open_clip_model.safetensors', 'text_projection'],
    ['open_clip_custom_text', 'open_clip_model.safetensors', 'visual.proj'],
  ])(
    'files that do not belong together are refused where %s lacks a head: %s without %s',
    async (name, file, missing) => {
      const copy = await copyOf(name);
      const bytes = await readFile(join(copy, file));
      // Called otherwise, at the same length: the rest of the file stays as it is.
      bytes.write(`"${missing.replaceAll(/\w/g, 'x')}"`, bytes.indexOf(`"${missing}"`));
      await writeFile(join(copy, file), bytes);
      await refusal(
        copy,
        new RegExp(`${file}: tensor ${missing} is missing; the file does not fit the model's config`),
      );
    },
  );

  it('files that do not belong together are refused where the tokenizer has another vocabulary, or is of another family', async () => {
    const copy = await copyOf('siglip2');
    const config = JSON.parse(await readFile(join(copy, 'config.json'), 'utf8')) as {
      text_config: { vocab_size: number };
    };
    config.text_config.vocab_size = 200;
    await writeFile(join(copy, 'config.json'), JSON.stringify(config));
    await refusal(copy, /tokenizer\.json gives tokens that the config doesn't have \(vocab_size 200\)/);
    await cp(join(TINY_CLIP, 'tokenizer.json'), join(copy, 'tokenizer.json'));
    await refusal(copy, /tokenizer\.json: has neither <eos> and <pad> \(SigLIP 2\) nor <\/s> \(SigLIP\)/);
  });

  it('files that do not belong together are refused where the pad is a token that the table does not have', async () => {
    const copy = await copyOf('siglip2');
    const file = join(copy, 'tokenizer.json');
    const json = JSON.parse(await readFile(file, 'utf8')) as {
      added_tokens: { id: number; content: string }[];
    };
    json.added_tokens.find(({ content }) => content === '<pad>')!.id = 700;
    await writeFile(file, JSON.stringify(json));
    await refusal(copy, /tokenizer\.json gives tokens that the config doesn't have \(vocab_size 700\)/);
  });

  it.each(['siglip', 'metaclip2'])(
    'files that do not belong together are refused where the weights of %s are cut short',
    async (name) => {
      const copy = await copyOf(name);
      await truncate(join(copy, 'model.safetensors'), 100_000);
      await refusal(copy, /model\.safetensors: not a sound safetensors file \(tensor [\w.]+ lies at bytes/);
    },
  );

  it.each(['siglip', 'siglip2', 'metaclip2'])(
    'files that do not belong together are refused where %s has no tokenizer.json',
    async (name) => {
      const copy = await copyOf(name);
      await rm(join(copy, 'tokenizer.json'));
      await refusal(copy, /: tokenizer\.json is missing; a model's folder holds/);
    },
  );

  it('files that do not belong together are refused where pictures have another size than the tower', async () => {
    const copy = await copyOf('siglip');
    const file = join(copy, 'preprocessor_config.json');
    const json = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...json, size: { height: 80, width: 80 } }));
    await refusal(copy, /preprocessor_config\.json: pictures of 80 pixels, the model's image_size is 64;/);
  });
});
