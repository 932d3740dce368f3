import { cp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, TINY_CLIP } from '../../../test/data.ts';
import { type Outcome, runPolar } from '../../../test/polar.ts';
import { makeConConChi, makeDeepFashion2, temporaryFolder } from '../../benchmarks/data/data-sets.fixture.ts';
import { modelSlug } from '../../benchmarks/features/features.ts';
import { checkpointFolder } from '../../benchmarks/protocol/checkpoints.ts';

// The tiny model's name in file names.
const TINY = modelSlug(TINY_CLIP);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(() => rm(folder, { recursive: true }));

it('train and eval agree on the folder; the default is the name that the released scripts give', () => {
  expect(checkpointFolder('conconchi', 'test', 'ViT-L/14')).toBe('checkpoints/train_conconchi_ViT-L');
  expect(checkpointFolder('deepfashion2', 'test', 'ViT-B/32')).toBe(
    'checkpoints/train_deepfashion2_ViT-B-32',
  );
  expect(checkpointFolder('deepfashion2', 'validation', 'openai/clip-vit-large-patch14')).toBe(
    'checkpoints/train_deepfashion2_ViT-L_validation',
  );
});

it('two model folders of one name give files of different names', () => {
  expect(modelSlug('/models/siglip/model')).toMatch(/^model-[0-9a-f]{8}$/);
  expect(modelSlug('/models/siglip2/model')).not.toBe(modelSlug('/models/siglip/model'));
  expect(modelSlug('/models/siglip/../siglip/model/')).toBe(modelSlug('/models/siglip/model'));
});

it('names what is missing, from where to get it and where to put it', async () => {
  const data = join(folder, 'nothing');
  const { code, stdout, stderr } = await runPolar(folder, [
    'bench',
    'check',
    'deepfashion2',
    '--data-path',
    data,
  ]);
  expect(code).toBe(1);
  expect(stdout.split('\n').filter((line) => line.startsWith('missing file'))).toHaveLength(4);
  expect(stderr).toContain('https://github.com/NVlabs/PerVLBenchmark');
  expect(stderr).toContain(join(data, 'train', 'image'));
  expect(stderr).toMatch(/polar: .*nothing: 4 things missing or wrong; see above\n$/);
  expect((await runPolar(folder, ['bench', 'eval', 'imagenet'])).stderr).toBe(
    'polar: imagenet: no such data set; expected conconchi or deepfashion2\n',
  );
});

describe('polar bench', () => {
  const bench = async (args: readonly string[]) => {
    const outcome = await runPolar(folder, ['bench', ...args]);
    expect(outcome.code, outcome.stderr).toBe(0);
    return outcome;
  };
  const options = (dataset: string) => [
    ...['--data-path', join(folder, dataset), '--clip-model', TINY_CLIP],
    ...['--checkpoint-dir', join(folder, `checkpoints-${dataset}`), '--num-iters', '40'],
  ];

  let first: Outcome;
  beforeAll(async () => {
    await makeConConChi(join(folder, 'conconchi'));
    await cp(
      join(folder, 'conconchi/captions.json'),
      join(folder, 'conconchi/conconchi_llava_captions.json'),
    );
    first = await bench(['run', 'conconchi', ...options('conconchi'), '--markdown']);
  });

  it('run does everything, the second time nothing, and prints one table', async () => {
    expect(first.stdout.split('\n').map((line) => line.split('|')[1]?.trim())).toEqual(
      expect.arrayContaining([
        'POLAR',
        'plain CLIP (captions)',
        'plain CLIP, class name',
        'mean image feature',
        'image + text',
      ]),
    );
    expect(first.stderr).toContain('textual inversion is left out');
    const result = join(folder, 'checkpoints-conconchi', 'results', 'polar.json');
    const { mtimeMs } = await stat(result);
    const second = await bench(['run', 'conconchi', ...options('conconchi'), '--markdown']);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toContain('6 checkpoints there already');
    expect((await stat(result)).mtimeMs).toBe(mtimeMs);
  });

  it('an ablation is a row for each value', async () => {
    const ablated = await bench([
      'ablate',
      'conconchi',
      'lambda',
      '0',
      '1',
      ...options('conconchi'),
      '--json',
    ]);
    const labels = (JSON.parse(ablated.stdout).rows as { label: string }[]).map(({ label }) => label);
    expect(labels).toEqual(expect.arrayContaining(['POLAR, lambda=0', 'POLAR, lambda=1']));
  });

  it('several seeds are one row, and a comparison is a line for each figure', async () => {
    const seeds = await bench(['seeds', 'conconchi', '--count', '2', ...options('conconchi'), '--csv']);
    expect(seeds.stdout).toMatch(/^"?POLAR, 2 seeds"?,/m);
    const compared = await bench(['compare', 'conconchi', 'polar', 'polar', ...options('conconchi')]);
    expect(compared.stdout).toContain('context mRR: +0.00 (95 % interval +0.00 to +0.00, p = 1.0000)');
  });

  it('a value that cannot be tried is refused before any other is', async () => {
    const wrong = await runPolar(folder, [
      'bench',
      'ablate',
      'conconchi',
      'images',
      '1',
      '0',
      ...options('conconchi'),
    ]);
    expect(wrong).toMatchObject({ code: 1, stdout: '' });
    expect(wrong.stderr).toMatch(/^polar: 0: no value for images; for example 1, 2/m);
    const variants = await readdir(join(folder, 'checkpoints-conconchi', 'variants'));
    expect(variants).not.toContain('images=1');
  });

  it('the report is one file with charts, pictures and nothing from elsewhere', async () => {
    const file = join(folder, 'report.html');
    await bench(['ablate', 'conconchi', 'lambda', '0.1', '0.2', ...options('conconchi')]);
    await bench(['report', 'conconchi', ...options('conconchi'), '--html', file]);
    const html = await readFile(file, 'utf8');
    expect(html.match(/<svg /g)?.length).toBeGreaterThanOrEqual(5);
    expect(html).toContain('What lambda does');
    expect(html.match(/src="data:image\/jpeg/g)?.length).toBeGreaterThan(50);
    expect(html).not.toMatch(/(?:src|href)="(?!data:|#)/);
    expect(html).toContain('The queries that fared worst');
  });

  it('what is missing, pictures and captions alike, is told at once before any work', async () => {
    const data = join(folder, 'incomplete');
    await makeConConChi(data);
    const images = join(data, 'data', 'images');
    const captions = JSON.parse(await readFile(join(data, 'captions.json'), 'utf8'));
    const [first, second] = Object.keys(captions) as [string, string];
    const [gone] = (await readdir(images)).filter((name) => name !== first && name !== second);
    await rm(join(images, gone!));
    delete captions[first];
    captions[second] = 'so long '.repeat(80);
    await writeFile(join(data, 'captions.json'), JSON.stringify(captions));
    const args = ['run', 'conconchi', '--data-path', data, '--clip-model', TINY_CLIP];
    const { code, stdout, stderr } = await runPolar(folder, [
      ...['bench', ...args, '--captions', join(data, 'captions.json')],
    ]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr.split('\n').slice(0, 3)).toEqual([
      `missing image ${join(images, gone!)}`,
      expect.stringMatching(`caption of ${second}: the text is too long: 162 tokens`),
      `no caption for ${first}`,
    ]);
    expect(stderr).toMatch(
      /^polar: .*incomplete: 3 things are missing or wrong; polar bench check conconchi/m,
    );
    expect(await readdir(data)).not.toContain('feats');
  });

  it('checkpoints of other settings are not overwritten', async () => {
    const other = await runPolar(folder, [
      'bench',
      'train',
      'conconchi',
      ...options('conconchi'),
      '--lr',
      '0.01',
    ]);
    expect(other).toMatchObject({ code: 1, stdout: '' });
    expect(other.stderr).toMatch(
      /trained otherwise \(learningRate 0.001, now 0.01\); choose another --checkpoint-dir/,
    );
  });

  it('features and checkpoints of the Python code are used as they are', async () => {
    await makeDeepFashion2(join(folder, 'deepfashion2'));
    const args = [
      'deepfashion2',
      ...options('deepfashion2'),
      '--split',
      'validation',
      '--num-train-images',
      '3',
    ];
    const own = await bench(['run', ...args]);
    // What the released scripts leave behind: other names, no records beside.
    const feats = join(folder, 'deepfashion2', 'feats');
    for (const set of ['train', 'test']) {
      await rename(
        join(feats, `validation_split_${set}_feats_${TINY}.npy`),
        join(feats, `val_split_${set}_feats_${TINY}.npy`),
      );
      await rm(join(feats, `validation_split_${set}_feats_${TINY}.npy.json`));
    }
    await rm(join(folder, 'checkpoints-deepfashion2', 'training.json'));
    await rm(join(folder, 'checkpoints-deepfashion2', 'results'), { recursive: true });
    const foreign = await bench(['run', ...args]);
    expect(foreign.stderr).toContain(`val_split_train_feats_${TINY}.npy was made by another program`);
    expect(foreign.stderr).toContain('6 checkpoints of another program are used as they are');
    expect(foreign.stdout).toBe(own.stdout);
  });

  it('captions of any images find their own image, with and without concepts', async () => {
    const images = ['dog/00.jpg', 'cat/00.jpg', 'vase/00.jpg'];
    const captions = join(folder, 'mine.json');
    await writeFile(captions, JSON.stringify(Object.fromEntries(images.map((image) => [image, 'A thing.']))));
    for (const image of images) await cp(join(PHOTOS, `${image}`), join(folder, image));
    const args = ['captions', '--captions', captions, '--clip-model', TINY_CLIP];
    const { stdout, stderr } = await bench(args);
    expect(stdout).toBe('Original CLIP VLM caption r@10=100.0\n');
    const learnt = await bench([...args, '--checkpoint-dir', join(folder, 'checkpoints-conconchi')]);
    expect(learnt.stdout).toBe(`${stdout}VLM caption r@10=100.0\n`);
    expect(stderr).toContain('3 images share 1 caption');
    expect((await stat(join(folder, 'feats', `mine_feats_${TINY}.npy`))).size).toBe(128 + 3 * 32 * 4);
  });
});
