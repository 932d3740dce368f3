import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readCaptionFile } from '../../src/benchmarks/data/caption-file.ts';
import { loadBenchmark } from '../../src/benchmarks/data/load-benchmark.ts';
import { npyHeader, parseNpy } from '../../src/benchmarks/features/npy.ts';
import { FAMILIES, readClipConfig } from '../../src/clip/families/describe.ts';
import { readPreprocessorConfig } from '../../src/clip/pixels/preprocess.ts';
import { createTokenizer } from '../../src/clip/tokenizer.ts';
import { decodeTensor, encodeSafetensors, parseSafetensors } from '../../src/clip/weights/safetensors.ts';
import { readReleasedCheckpoint, writeReleasedCheckpoint } from '../../src/node/concepts/checkpoint-file.ts';
import { CONCEPT } from '../../src/polar/concept/concept.fixture.ts';
import { unzipConcept, zipConcept } from '../../src/polar/concept/zip.ts';

/** Reads a file of one kind, as the program does. */
export interface Reader {
  readonly name: string;
  /** A sound file. */
  readonly sound: Uint8Array;
  read(bytes: Uint8Array): unknown;
}

const RULES = FAMILIES.clip.texts({}, '');
const toybox = (name: string) =>
  readFile(fileURLToPath(new URL(`../../models/toybox/${name}`, import.meta.url)));
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** All readers of files that come from elsewhere. @param folder for those that read from the disk */
export async function makeReaders(folder: string): Promise<Reader[]> {
  await mkdir(folder, { recursive: true });
  const onDisk = async (name: string, bytes: Uint8Array): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  // What is not JSON at all is found out by the one function that parses it.
  const json =
    (read: (json: unknown) => unknown) =>
    (bytes: Uint8Array): unknown => {
      let value: unknown;
      try {
        value = JSON.parse(new TextDecoder().decode(bytes));
      } catch {
        return undefined;
      }
      return read(value);
    };
  const matrix = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  await writeReleasedCheckpoint(join(folder, 'sound.pt'), CONCEPT);
  const conconchi = join(folder, 'conconchi');
  const annotations = join(conconchi, 'data', 'annotations');
  await mkdir(annotations, { recursive: true });
  const row = {
    LABEL: '* in the snow',
    CONCEPTS: [0],
    GTS: ['a.jpg'],
    'ADDITIONAL GTS': ['b.jpg'],
    KIND: 'x',
  };
  const train = bytesOf({ concepts: [{ coarse: 'dog' }], data: [row] });
  const deepfashion2 = join(folder, 'deepfashion2');
  const shop: Readonly<Record<string, string>> = {
    'test_fsl_train.txt': 'codes_infer/1:\na.jpg\nb.jpg\n\ncodes_infer/2:\nc.jpg\n',
    'test_captions.csv': 'image_name\na.jpg\nb.jpg\n',
    'shortened_deepfashion2_captions.csv':
      'image_name,pair_id,caption\na.jpg,1,"a person, here"\nb.jpg,2,a person\n',
    'train_coarse_grained_names.csv': 'unique_pair_ids,pair_id_categories\n1,skirt\n2,dress\n',
  };
  await mkdir(deepfashion2, { recursive: true });
  const openShop = async () => {
    for (const [name, text] of Object.entries(shop)) await writeFile(join(deepfashion2, name), text);
  };
  const shopReaders = Object.entries(shop).map(
    ([name, text]): Reader => ({
      name: `DeepFashion2 ${name}`,
      sound: new TextEncoder().encode(text),
      async read(bytes) {
        await openShop();
        await writeFile(join(deepfashion2, name), bytes);
        return loadBenchmark({ dataset: 'deepfashion2', path: deepfashion2, split: 'test' });
      },
    }),
  );
  const tokenizer = await toybox('tokenizer.json');
  return [
    {
      name: 'safetensors',
      sound: encodeSafetensors({ a: matrix, b: matrix }, { format: 'pt' }),
      read(bytes) {
        for (const info of parseSafetensors(bytes, 'f.safetensors').tensors.values()) {
          decodeTensor(info, bytes.subarray(info.offset, info.offset + info.byteLength));
        }
      },
    },
    { name: 'adapter zip', sound: zipConcept(CONCEPT), read: (bytes) => unzipConcept(bytes, 'f.zip') },
    {
      name: 'released checkpoint',
      sound: await readFile(join(folder, 'sound.pt')),
      read: async (bytes) => readReleasedCheckpoint(await onDisk('damaged.pt', bytes)),
    },
    {
      name: 'npy',
      sound: Buffer.concat([npyHeader([2, 3]), Buffer.from(matrix.data.buffer)]),
      read: (bytes) => parseNpy(bytes, 'f.npy'),
    },
    {
      name: 'captions',
      sound: bytesOf({ 'a.jpg': 'A dog.', 'b.jpg': ['A cat.', 'Two cats.'] }),
      read: async (bytes) => readCaptionFile(await onDisk('captions.json', bytes)),
    },
    {
      name: 'COCO captions',
      sound: bytesOf({
        images: [{ id: 1, file_name: 'a.jpg' }],
        annotations: [{ image_id: 1, caption: 'A dog.' }],
      }),
      read: async (bytes) => readCaptionFile(await onDisk('coco.json', bytes)),
    },
    {
      name: 'ConCon-Chi annotations',
      sound: bytesOf({ data: [row, { ...row, KIND: 'negative', CONCEPTS: [] }] }),
      async read(bytes) {
        await writeFile(join(annotations, 'train.json'), train);
        await writeFile(join(annotations, 'test.json'), bytes);
        return loadBenchmark({ dataset: 'conconchi', path: conconchi, split: 'test' });
      },
    },
    ...shopReaders,
    {
      name: 'tokenizer',
      sound: tokenizer,
      read: json((value) =>
        createTokenizer(value, 'tokenizer.json', 77, RULES).tokenize(['a dog in the snow', 'aaaa aaaa!']),
      ),
    },
    {
      name: 'config',
      sound: await toybox('config.json'),
      read: json((value) => readClipConfig(value, 'config.json')),
    },
    {
      name: 'preprocessor',
      sound: await toybox('preprocessor_config.json'),
      read: json((value) => readPreprocessorConfig(value, 'preprocessor_config.json')),
    },
  ];
}
