import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { relativeError } from '../../test/close.ts';
import { goldenModel } from '../../test/data.ts';
import { readNpy } from '../benchmarks/features/npy.ts';
import { createClip, type FrozenClip } from '../clip/clip.ts';
import { describeModel } from '../clip/families/describe.ts';
import { TOKENIZER } from '../clip/hub/files.ts';
import { createTokenizer } from '../clip/tokenizer.ts';
import { externalWeights } from '../clip/weights/external.ts';
import { parseSafetensors } from '../clip/weights/safetensors.ts';
import { startEngine } from './engine.ts';
import { parseJson } from './fetch-model.ts';

// The engine of the browser page, whose WebAssembly runs in Node too; the page itself is tested in Chromium.
describe.each(['siglip', 'siglip2', 'metaclip2', 'open_clip_plain', 'open_clip_custom_text'])(
  "the browser's engine and a model's own code: %s",
  (name) => {
    const npy = async (file: string) => (await readNpy(goldenModel(`${name}/${file}.npy`))).data;
    const json = (file: string) =>
      JSON.parse(readFileSync(goldenModel(`${name}/${file}.json`), 'utf8')) as string[];
    let clip: FrozenClip;
    beforeAll(async () => {
      const files = new Map<string, Uint8Array>();
      for (const file of readdirSync(goldenModel(`${name}/model`))) {
        files.set(file, readFileSync(goldenModel(`${name}/model/${file}`)));
      }
      if (!files.has(TOKENIZER)) {
        files.set(TOKENIZER, readFileSync(new URL('../../models/clip/tokenizer.json', import.meta.url)));
      }
      const { config, preprocessorConfig, readTokenizer } = await describeModel(files, async (file) => [
        parseJson(files.get(file)!, file),
        file,
      ]);
      const { textRules, tokenizer } = await readTokenizer();
      const weightFiles = new Map([...files].filter(([file]) => file.endsWith('.safetensors')));
      const [[file, bytes]] = weightFiles as unknown as [[string, Uint8Array]];
      const engine = await startEngine({ device: 'wasm' });
      clip = createClip({
        id: name,
        revision: '',
        config,
        preprocessorConfig,
        textRules,
        weights: externalWeights(parseSafetensors(bytes, file), config.family, (path) => path),
        tokenizer: createTokenizer(...tokenizer, config.text.contextLength, textRules),
        createSession: (graph, options) => engine.createSession(graph, weightFiles, options),
      });
      await clip.encodeTexts(['a']); // the first session compiles the engine
    });
    afterAll(() => clip.close());

    it('both embed texts alike within 1e-4, with and without a concept', async () => {
      const frozen = await clip.freezeTexts(json('texts'));
      const plain = await clip.encodeFrozen(frozen);
      expect(relativeError(plain.data, await npy('text_embeddings'))).toBeLessThan(1e-4);
      const update = { rank: 1, A: await npy('concept_A'), B: await npy('concept_B') };
      const personal = await clip.encodeFrozen(frozen, update);
      expect(relativeError(personal.data, await npy('update_one'))).toBeLessThan(1e-4);
    });

    it('both embed pictures alike within 1e-4', async () => {
      const images = await clip.encodePixels(await npy('pixel_values'), json('images').length);
      expect(relativeError(images.data, await npy('image_embeddings'))).toBeLessThan(1e-4);
    });

    it('embed bytes as the pixels that are made of them', async () => {
      const { cropTo, mean, std } = clip.preprocessorConfig;
      const bytes = Uint8Array.from({ length: cropTo ** 2 * 3 }, (_, i) => (i * 7919) % 256);
      const area = cropTo ** 2;
      const pixels = Float32Array.from(
        { length: 3 * area },
        (_, i) =>
          (bytes[(i % area) * 3 + Math.floor(i / area)]! / 255 - mean[Math.floor(i / area)]!) /
          std[Math.floor(i / area)]!,
      );
      const expected = await clip.encodePixels(pixels, 1);
      expect(relativeError((await clip.encodePixels(bytes, 1)).data, expected.data)).toBeLessThan(1e-5);
    });
  },
);
