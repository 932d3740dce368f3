import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readReleasedCheckpoint, writeReleasedCheckpoint } from '../../node/concepts/checkpoint-file.ts';

const A = Float32Array.of(0.6, 0, -0.8);
const B = Float32Array.of(0.25, 1.5, -2);
let folder: string;
let file: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-pt-'));
  file = join(folder, 'concept0.pt');
});
afterAll(() => rm(folder, { recursive: true }));

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const floats = (values: Float32Array) => new Uint8Array(values.buffer.slice(0));
const storage = (key: string, type = 'FloatStorage', location = 'cpu') =>
  `(X\x07\0\0\0storagectorch\n${type}\nX\x01\0\0\0${key}X${String.fromCharCode(location.length)}\0\0\0${location}K\x03tQ`;
const tensor = (key: string, size: string, stride: string, type?: string, location?: string) =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${storage(key, type, location)}K\0${size}${stride}\x89ccollections\nOrderedDict\n)RtR`;
const pickle = (a: string, b: string, rest = 'X\x12\0\0\0concept_identifierX\x07\0\0\0sks dog') =>
  `\x80\x02}q\0(X\x08\0\0\0v_lora_A${a}X\x08\0\0\0v_lora_B${b}${rest}u.`;
const PLAIN_A = tensor('0', 'K\x01K\x03\x86', 'K\x03K\x01\x86');
const PLAIN_B = tensor('1', 'K\x03K\x01\x86', 'K\x01K\x01\x86');

/** A checkpoint archive as torch.save lays it out. */
const archive = (data: string, records: Record<string, Uint8Array> = { '0': floats(A), '1': floats(B) }) =>
  zipSync({
    'archive/data.pkl': latin1(data),
    'archive/version': latin1('3\n'),
    ...Object.fromEntries(Object.entries(records).map(([key, bytes]) => [`archive/data/${key}`, bytes])),
  });

describe('a released checkpoint', () => {
  // torch.load(file, weights_only=True) of PyTorch reads what is written here: checked by hand with
  // python3 -c "import torch; print(torch.load('concept0.pt'))", PyTorch 1.13.
  it('a released checkpoint is read as it was written', async () => {
    await writeReleasedCheckpoint(file, { identifier: 'sks “ü” dog', A, B });
    expect(await readReleasedCheckpoint(file)).toEqual({ identifier: 'sks “ü” dog', rank: 1, A, B });
    expect(await readdir(folder)).toEqual(['concept0.pt']);
    expect(Object.keys(unzipSync(await readFile(file)))).toContain('concept/data.pkl');
  });

  it('a released checkpoint of rank two keeps one component a row', async () => {
    const wide = {
      identifier: 'sks',
      rank: 2,
      A: Float32Array.of(1, 2, 3, 4, 5, 6),
      B: Float32Array.of(7, 8, 9, 10, 11, 12),
    };
    await writeReleasedCheckpoint(file, wide);
    expect(await readReleasedCheckpoint(file)).toEqual(wide);
    // torch stores B as [D, R]
    const stored = unzipSync(await readFile(file))['concept/data/1']!;
    expect([...new Float32Array(stored.slice().buffer)]).toEqual([7, 10, 8, 11, 9, 12]);
  });

  it.each<[string, Uint8Array]>([
    ['as torch.save lays it out', archive(pickle(PLAIN_A, PLAIN_B))],
    [
      'saved from a GPU',
      archive(pickle(tensor('0', 'K\x01K\x03\x86', 'K\x03K\x01\x86', 'FloatStorage', 'cuda:0'), PLAIN_B)),
    ],
    [
      'of parameters',
      archive(
        pickle(`ctorch._utils\n_rebuild_parameter\n(${PLAIN_A}\x88ccollections\nOrderedDict\n)RtR`, PLAIN_B),
      ),
    ],
    [
      'of doubles and halves',
      archive(
        pickle(
          tensor('0', 'K\x01K\x03\x86', 'K\x03K\x01\x86', 'DoubleStorage'),
          tensor('1', 'K\x03K\x01\x86', 'K\x01K\x01\x86', 'HalfStorage'),
        ),
        {
          '0': new Uint8Array(Float64Array.from(A).buffer),
          '1': new Uint8Array(Uint16Array.of(0x3400, 0x3e00, 0xc000).buffer),
        },
      ),
    ],
  ])('a released checkpoint is read: %s', async (_, bytes) => {
    await writeFile(file, bytes);
    const checkpoint = await readReleasedCheckpoint(file);
    expect(checkpoint).toEqual({ identifier: 'sks dog', rank: 1, A, B });
  });

  const system = 'cposix\nsystem\n(X\x04\0\0\0exittR.';
  it.each<[string, Uint8Array, RegExp]>([
    ['that runs a command', archive(`\x80\x02${system}`), /it names posix.system, which is never run/],
    ['that runs eval', archive(pickle('cbuiltins\neval\n(X\x01\0\0\x001tR', PLAIN_B)), /names builtins.eval/],
    ['of no archive', latin1('hello'), /no sound zip archive/],
    ['cut short', archive(pickle(PLAIN_A, PLAIN_B)).subarray(0, 200), /no sound zip archive/],
    ['without data.pkl', zipSync({ 'archive/version': latin1('3') }), /data.pkl is missing/],
    ['of a cut pickle', archive(pickle(PLAIN_A, PLAIN_B).slice(0, 40)), /cut short|damaged/],
    ['of an unknown opcode', archive('\x80\x02\xff.'), /opcode 0xff/],
    ['of a list', archive('\x80\x02].'), /expected a dictionary/],
    ['without an identifier', archive(pickle(PLAIN_A, PLAIN_B, '')), /concept_identifier is missing/],
    ['of text for a tensor', archive(pickle('X\x01\0\0\0a', PLAIN_B)), /v_lora_A is not a tensor/],
    ['of missing data', archive(pickle(PLAIN_A, PLAIN_B), { '0': floats(A) }), /data of v_lora_B is missing/],
    [
      'of too little data',
      archive(pickle(PLAIN_A, PLAIN_B), { '0': floats(A), '1': new Uint8Array(8) }),
      /element 2/,
    ],
    [
      'of a wrong shape',
      archive(pickle(PLAIN_B.replace('K\x031', ''), PLAIN_B)),
      /v_lora_A has shape \[3,1\]/,
    ],
    [
      'of NaN',
      archive(pickle(PLAIN_A, PLAIN_B), { '0': floats(Float32Array.of(1, Number.NaN, 0)), '1': floats(B) }),
      /not finite/,
    ],
    [
      'that unpacks to far more than a concept',
      zipSync({ 'archive/data.pkl': new Uint8Array(80 << 20) }, { level: 9 }),
      /unpacks to more than/,
    ],
    [
      'of 200,000 tuples in each other for a name',
      archive(pickle(PLAIN_A.replace('X\x01\0\0\x000', `)${'\x85'.repeat(200_000)}`), PLAIN_B)),
      /data of v_lora_A is missing/,
    ],
    [
      'of 20,000 parameters of parameters',
      archive(
        pickle(
          `${'ctorch._utils\n_rebuild_parameter\n('.repeat(20_000)}${PLAIN_A}${'tR'.repeat(20_000)}`,
          PLAIN_B,
        ),
      ),
      /v_lora_A is not a tensor/,
    ],
    ['of a million tuples', archive(')'.repeat(2_000_000)), /a pickle of 2000000 bytes/],
  ])('a file that is no released checkpoint is refused in one line: %s', async (_, bytes, message) => {
    await writeFile(file, bytes);
    const error = await readReleasedCheckpoint(file).catch((reason: Error) => reason);
    expect(error).toMatchObject({ name: 'PolarError', message: expect.stringMatching(message) });
    expect((error as Error).message).not.toContain('\n');
  });
});
