import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONCEPT, WIDTH } from '../../polar/concept/concept.fixture.ts';
import { identifierOf, requireSameModel } from '../../polar/concept/concept.ts';
import { openSafetensors, writeSafetensors } from '../weight-file.ts';
import { readConcept, saveConcept } from './concept-folder.ts';

const NAME = 'base_model.model.text_model.encoder.layers.11.self_attn.v_proj.lora_';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-concept-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a concept directory', () => {
  it('a concept directory is read as it was saved, also over an older one, with nothing left beside it', async () => {
    const directory = join(folder, 'rex');
    await saveConcept(directory, { ...CONCEPT, seed: 1 });
    await saveConcept(directory, CONCEPT);
    expect(await readConcept(directory)).toEqual(CONCEPT);
    expect(await readdir(folder)).toEqual(['rex']);
  });

  it('a concept directory keeps the features of what the thing is not', async () => {
    const lookAlikes = { rows: 1, columns: 3, data: Float32Array.of(0, 0.8, 0.6) };
    const directory = join(folder, 'apart');
    await saveConcept(directory, { ...CONCEPT, lookAlikes });
    expect(await readConcept(directory)).toEqual({ ...CONCEPT, lookAlikes });
    await rm(directory, { recursive: true });
  });

  it('a concept directory says the family of its model, unless that is a CLIP', async () => {
    const directory = join(folder, 'family');
    const metadata = async () => {
      const { metadata } = await openSafetensors(join(directory, 'adapter_model.safetensors'));
      return JSON.parse(metadata.polar!) as object;
    };
    await saveConcept(directory, { ...CONCEPT, family: 'siglip' });
    expect(await metadata()).toMatchObject({ family: 'siglip' });
    expect(await readConcept(directory)).toEqual({ ...CONCEPT, family: 'siglip' });
    await saveConcept(directory, CONCEPT);
    expect(await metadata()).not.toHaveProperty('family');
    await rm(directory, { recursive: true });
  });

  it('a concept directory has the files, names and shapes that peft expects', async () => {
    const directory = join(folder, 'rex');
    expect((await readdir(directory)).sort()).toEqual([
      'adapter_config.json',
      'adapter_model.safetensors',
      'features.safetensors',
    ]);
    expect(JSON.parse(await readFile(join(directory, 'adapter_config.json'), 'utf8'))).toMatchObject({
      peft_type: 'LORA',
      r: 1,
      lora_alpha: 1,
      target_modules: ['text_model.encoder.layers.11.self_attn.v_proj'],
      layers_to_transform: null,
      base_model_name_or_path: CONCEPT.modelId,
      revision: 'abc',
    });
    const bytes = await readFile(join(directory, 'adapter_model.safetensors'));
    const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as object;
    expect(header).toMatchObject({
      [`${NAME}A.weight`]: { dtype: 'F32', shape: [1, WIDTH] },
      [`${NAME}B.weight`]: { dtype: 'F32', shape: [WIDTH, 1] },
    });
  });
});

describe("an adapter that Python's peft wrote", () => {
  const directory = () => join(folder, 'foreign');
  const weights = (A: Float32Array, B: Float32Array, shapeA = [1, WIDTH], shapeB = [WIDTH, 1]) => ({
    [`${NAME}A.weight`]: { shape: shapeA, data: A },
    [`${NAME}B.weight`]: { shape: shapeB, data: B },
  });
  const config = (change: object = {}) =>
    writeFile(
      join(directory(), 'adapter_config.json'),
      JSON.stringify({ peft_type: 'LORA', r: 1, lora_alpha: 1, base_model_name_or_path: 'm', ...change }),
    );
  beforeEach(async () => {
    await rm(directory(), { recursive: true, force: true });
    await cp(join(folder, 'rex'), directory(), { recursive: true });
    await config();
  });

  it("an adapter that Python's peft wrote keeps its update B A when A is not of unit norm and alpha is not one", async () => {
    await config({ lora_alpha: 3 });
    await rm(join(directory(), 'features.safetensors'));
    const A = CONCEPT.A.map((x) => 2 * x);
    await writeSafetensors(join(directory(), 'adapter_model.safetensors'), weights(A, CONCEPT.B));
    const concept = await readConcept(directory());
    expect(concept).toMatchObject({ name: 'foreign', className: null, modelId: 'm', features: null });
    expect(Math.hypot(...concept.A)).toBeCloseTo(1, 6);
    for (const i of [3, 5]) expect(concept.A[i]! * concept.B[1]!).toBeCloseTo(3 * A[i]! * CONCEPT.B[1]!, 5);
  });

  it.each<[string, object, number]>([
    ['alpha for the layer', { lora_alpha: 7, alpha_pattern: { 'layers.11.self_attn.v_proj': 3 } }, 3],
    [
      'alpha for all value projections',
      { alpha_pattern: { q_proj: 2, v_proj: 3, '11.self_attn.v_proj': 9 } },
      3,
    ],
    [
      'alpha for other modules',
      { lora_alpha: 3, alpha_pattern: { q_proj: 2, 'layers.1.self_attn.v_proj': 9 } },
      3,
    ],
    [
      'rank for the layer',
      { r: 8, rank_pattern: { '^text_model\\.encoder.layers.11.self_attn.v_proj': 1 }, lora_alpha: 3 },
      3,
    ],
    ['rslora, which is the same at rank one', { use_rslora: true, lora_alpha: 3 }, 3],
    ['no alpha, for which peft takes 8', { lora_alpha: undefined }, 8],
  ])('has the strength that peft gives it with an own %s', async (_, change, strength) => {
    await config(change);
    await save(weights(CONCEPT.A, CONCEPT.B));
    const { A, B } = await readConcept(directory());
    expect(A[3]! * B[1]!).toBeCloseTo(strength * CONCEPT.A[3]! * CONCEPT.B[1]!, 5);
  });

  it.each([
    ['with the name of the adapter', 'base_model.model.text_model', '.default'],
    ['without a prefix', 'text_model', ''],
    ['of a model that is not wrapped', 'model.text_model', '.my-own'],
  ])("an adapter that Python's peft wrote is read with tensors named %s", async (_, prefix, name) => {
    const tensor = (part: string) =>
      `${prefix}.encoder.layers.11.self_attn.v_proj.lora_${part}${name}.weight`;
    await save({
      [tensor('A')]: { shape: [1, WIDTH], data: CONCEPT.A },
      [tensor('B')]: { shape: [WIDTH, 1], data: CONCEPT.B },
    });
    expect(await readConcept(directory())).toMatchObject({ layer: 11, B: CONCEPT.B });
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['rank 4', () => config({ r: 4 }), /LORA" of rank 4, expected LORA of rank 1/],
    ['another method', () => config({ peft_type: 'IA3' }), /peft_type "IA3"/],
    ['an alpha of its own for another rank', () => config({ rank_pattern: { v_proj: 2 } }), /of rank 2/],
    [
      'a pattern that is a program',
      () => config({ alpha_pattern: { '(a+)+$': 2 } }),
      /not regular expressions/,
    ],
    ['DoRA', () => config({ use_dora: true }), /"use_dora" is true, which cannot be honoured/],
    [
      'tokens of its own',
      () => config({ trainable_token_indices: [1] }),
      /"trainable_token_indices" is \[1\]/,
    ],
    ['a base model that was changed', () => config({ init_lora_weights: 'pissa' }), /"pissa", which changes/],
    ['biases', () => config({ bias: 'all' }), /bias is "all"/],
    ['another layer', () => config({ layers_to_transform: [3] }), /\[3\], but the weights are of layer 11/],
    ['an alpha beyond reason', () => config({ lora_alpha: 1e300 }), /lora_alpha is 1e\+300/],
    ['a rank that peft would take', () => config({ r: undefined }), /of rank 8/],
    ['a broken alpha', () => config({ lora_alpha: 'x' }), /lora_alpha is "x"/],
    ['a config that is no JSON', () => writeFile(join(directory(), 'adapter_config.json'), '{'), /not JSON/],
    [
      'no weights',
      () => rm(join(directory(), 'adapter_model.safetensors')),
      /adapter_model.safetensors: missing/,
    ],
    [
      'NaN',
      () =>
        save(
          weights(
            CONCEPT.A.map(() => Number.NaN),
            CONCEPT.B,
          ),
        ),
      /holds numbers that are not finite/,
    ],
    ['zeros for A', () => save(weights(new Float32Array(WIDTH), CONCEPT.B)), /A is all zeros/],
    ['two rows of A', () => save(weights(CONCEPT.A, CONCEPT.B, [2, 4])), /A is \[2,4\] and B \[8,1\]/],
    [
      'A and B of other widths',
      () => save(weights(CONCEPT.A, CONCEPT.B.slice(1), [1, 8], [7, 1])),
      /A is \[1,8\]/,
    ],
    [
      'only A',
      () => save({ [`${NAME}A.weight`]: { shape: [1, 8], data: CONCEPT.A } }),
      /expected lora_A and/,
    ],
    [
      'other layers',
      () =>
        save({ ...weights(CONCEPT.A, CONCEPT.B), 'base_model.x': { shape: [1], data: Float32Array.of(1) } }),
      /tensor base_model.x, expected one lora_A/,
    ],
  ])('an adapter with %s is refused', async (_, damage, message) => {
    await damage();
    await expect(readConcept(directory())).rejects.toThrow(message);
  });
  const save = (tensors: Parameters<typeof writeSafetensors>[1]) =>
    writeSafetensors(join(directory(), 'adapter_model.safetensors'), tensors);

  it('a folder that is not there is refused', async () => {
    await expect(readConcept(join(folder, 'none'))).rejects.toThrow(/no such concept folder/);
  });
});

describe('an adapter that lies about itself', () => {
  const said = async (change: object): Promise<string> => {
    const directory = join(folder, 'liar');
    await rm(directory, { recursive: true, force: true });
    await cp(join(folder, 'rex'), directory, { recursive: true });
    const { A: _a, B: _b, features: _f, layer: _l, ...rest } = CONCEPT;
    await writeSafetensors(
      join(directory, 'adapter_model.safetensors'),
      {
        [`${NAME}A.weight`]: { shape: [1, WIDTH], data: CONCEPT.A },
        [`${NAME}B.weight`]: { shape: [WIDTH, 1], data: CONCEPT.B },
      },
      { polar: JSON.stringify({ ...rest, ...change }) },
    );
    return directory;
  };
  const lies: [object, RegExp][] = [
    [
      { photoHashes: Array(140_000).fill('a'.repeat(64)) },
      /photoHashes is \[.*\], expected at most 10000 hashes/,
    ],
    [{ photoHashes: ['../../etc/passwd'] }, /expected at most 10000 hashes of 64 hexadecimal digits/],
    [{ photoHashes: Array(3).fill('a'.repeat(64)) }, /features of 2 photos, expected those of all 3/],
    [{ seed: -1.5 }, /seed is -1.5, expected a whole number from 0 to 4294967295/],
    [{ iterations: 1e9 }, /iterations is 1000000000/],
    [{ learningRate: null }, /learningRate is null/],
    [{ regWeight: '0.1' }, /regWeight is "0.1"/],
    [{ identifier: 'sks '.repeat(1000) }, /identifier is "sks .*"…, expected a text of at most/],
    [{ className: '\u001b[31m' }, /className is "\\u001b\[31m"/],
    [{ name: 'a'.repeat(1000) }, /name is "a+"…, expected a text of at most 255/],
    [{ created: 'yesterday' }, /created is "yesterday"/],
    [{ forward: 'other' }, /forward is "other", expected released or exact/],
    [{ modelId: { toString: 1 } }, /modelId is \{"toString":1\}/],
    [{ family: 'blip' }, /family is "blip", expected clip, siglip, metaclip_2, open_clip/],
  ];
  it.each(lies.map(([change, message]) => ({ field: Object.keys(change)[0], change, message })))(
    'about its $field is refused in one line',
    async ({ change, message }) => {
      const refused = await readConcept(await said(change)).catch((error: Error) => error.message);
      expect(refused).toMatch(message);
      expect((refused as string).length).toBeLessThan(1000);
    },
  );

  it('an adapter that lies about itself in its numbers is refused too: the size of B, rows that are no features, look-alikes of another width', async () => {
    const directory = await said({});
    const file = (name: string) => join(directory, name);
    await writeSafetensors(file('features.safetensors'), {
      features: { shape: [2, 3], data: Float32Array.of(1, 0, 0, 0, 0.6, 0.8) },
      lookAlikes: { shape: [1, 2], data: Float32Array.of(0.6, 0.8) },
    });
    await expect(readConcept(directory)).rejects.toThrow(
      /lookAlikes of 2 numbers, expected 3 as the features have/,
    );
    await writeSafetensors(file('features.safetensors'), {
      features: { shape: [2, 3], data: Float32Array.of(1, 0, 0, 0, 5, 0) },
    });
    await expect(readConcept(directory)).rejects.toThrow(/row 1 of "features" is not of unit norm/);
    await rm(file('features.safetensors'));
    await writeSafetensors(file('adapter_model.safetensors'), {
      [`${NAME}A.weight`]: { shape: [1, WIDTH], data: CONCEPT.A },
      [`${NAME}B.weight`]: { shape: [WIDTH, 1], data: CONCEPT.B.map((x) => x * 1e20) },
    });
    await expect(readConcept(directory)).rejects.toThrow(/an update of norm .*, expected at most 1000000/);
  });

  it('an adapter that cannot be read never replaces a sound one', async () => {
    const directory = join(folder, 'kept');
    await saveConcept(directory, CONCEPT);
    const lookAlikes = { rows: 1, columns: 2, data: Float32Array.of(0.6, 0.8) };
    await expect(saveConcept(directory, { ...CONCEPT, lookAlikes })).rejects.toThrow(
      /lookAlikes of 2 numbers/,
    );
    expect(await readConcept(directory)).toEqual(CONCEPT);
    await rm(directory, { recursive: true });
  });
});

describe('a concept and a model', () => {
  const model = { id: CONCEPT.modelId, revision: 'abc', width: WIDTH, dimension: 3, lastLayer: 11 };
  it('a concept and a model of the same id, revision and size go together', () => {
    expect(() => requireSameModel(CONCEPT, model)).not.toThrow();
  });
  it.each([
    [{ id: 'openai/clip-vit-large-patch14' }, /use --model openai\/clip-vit-base-patch32, or learn it again/],
    [{ revision: 'def' }, /learn it again with this state of the model/],
    [{ width: 16 }, /updates layer 11 of width 8, .* ends with layer 11 of width 16/],
    [{ lastLayer: 23 }, /ends with layer 23/],
    [{ dimension: 4 }, /keeps photo features of 3 numbers, .* has 4\); learn it again/],
  ])('a concept and a model that differ in %j are refused with the remedy', (change, message) => {
    expect(() => requireSameModel(CONCEPT, { ...model, ...change })).toThrow(message);
  });
  it('a concept and a model share an identifier made of sks and the class', () => {
    expect([identifierOf(null), identifierOf('dog')]).toEqual(['sks', 'sks dog']);
  });
});
