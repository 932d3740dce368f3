import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CONCEPT, WIDTH } from '../polar/concept/concept.fixture.ts';
import { identifierOf, requireSameModel } from '../polar/concept/concept.ts';
import { readConcept, saveConcept } from './concept-folder.ts';
import { writeSafetensors } from './weight-file.ts';

const NAME = 'base_model.model.text_model.encoder.layers.11.self_attn.v_proj.lora_';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-concept-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('a concept directory', () => {
  it('is read as it was saved, also over an older one, with nothing left beside it', async () => {
    const directory = join(folder, 'rex');
    await saveConcept(directory, { ...CONCEPT, seed: 1 });
    await saveConcept(directory, CONCEPT);
    expect(await readConcept(directory)).toEqual(CONCEPT);
    expect(await readdir(folder)).toEqual(['rex']);
  });

  it('keeps the features of what the thing is not', async () => {
    const lookAlikes = { rows: 1, columns: 3, data: Float32Array.of(0, 0.8, 0.6) };
    const directory = join(folder, 'apart');
    await saveConcept(directory, { ...CONCEPT, lookAlikes });
    expect(await readConcept(directory)).toEqual({ ...CONCEPT, lookAlikes });
    await rm(directory, { recursive: true });
  });

  it('has the files, names and shapes that peft expects', async () => {
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
      target_modules: ['v_proj'],
      layers_to_transform: [11],
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

  it('keeps its update B A when A is not of unit norm and alpha is not one', async () => {
    await config({ lora_alpha: 3 });
    await rm(join(directory(), 'features.safetensors'));
    const A = CONCEPT.A.map((x) => 2 * x);
    await writeSafetensors(join(directory(), 'adapter_model.safetensors'), weights(A, CONCEPT.B));
    const concept = await readConcept(directory());
    expect(concept).toMatchObject({ name: 'foreign', className: null, modelId: 'm', features: null });
    expect(Math.hypot(...concept.A)).toBeCloseTo(1, 6);
    for (const i of [3, 5]) expect(concept.A[i]! * concept.B[1]!).toBeCloseTo(3 * A[i]! * CONCEPT.B[1]!, 5);
  });

  it.each<[string, () => Promise<void>, RegExp]>([
    ['rank 4', () => config({ r: 4 }), /LORA" of rank 4, expected LORA of rank 1/],
    ['another method', () => config({ peft_type: 'IA3' }), /peft_type "IA3"/],
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
  ])('with %s is refused', async (_, damage, message) => {
    await damage();
    await expect(readConcept(directory())).rejects.toThrow(message);
  });
  const save = (tensors: Parameters<typeof writeSafetensors>[1]) =>
    writeSafetensors(join(directory(), 'adapter_model.safetensors'), tensors);

  it('that is not there is refused', async () => {
    await expect(readConcept(join(folder, 'none'))).rejects.toThrow(/no such concept folder/);
  });
});

describe('a concept and a model', () => {
  const model = { id: CONCEPT.modelId, revision: 'abc', width: WIDTH, dimension: 3, lastLayer: 11 };
  it('of the same id, revision and size go together', () => {
    expect(() => requireSameModel(CONCEPT, model)).not.toThrow();
  });
  it.each([
    [{ id: 'openai/clip-vit-large-patch14' }, /use --model openai\/clip-vit-base-patch32, or learn it again/],
    [{ revision: 'def' }, /learn it again with this state of the model/],
    [{ width: 16 }, /updates layer 11 of width 8, .* ends with layer 11 of width 16/],
    [{ lastLayer: 23 }, /ends with layer 23/],
    [{ dimension: 4 }, /keeps photo features of 3 numbers, .* has 4; learn it again/],
  ])('that differ in %j are refused with the remedy', (change, message) => {
    expect(() => requireSameModel(CONCEPT, { ...model, ...change })).toThrow(message);
  });
  it('share an identifier made of sks and the class', () => {
    expect([identifierOf(null), identifierOf('dog')]).toEqual(['sks', 'sks dog']);
  });
});
