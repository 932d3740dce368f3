/**
 * Trains Toybox's tokenizer, a small CLIP BPE, on captions of the world: `models/toybox/tokenizer.json`.
 *
 *     npx tsx tools/toybox/train-tokenizer.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { captionOf } from '../../src/toybox/captions.ts';
import { WorldRandom } from '../../src/toybox/random.ts';
import { sampleScene } from '../../src/toybox/sample.ts';
import { readWorld } from '../../src/toybox/world.ts';

const SCENES = 30_000;
const FIRST_SEED = 1_000_000;
// A pair seen less often belongs to a made-up name and is not worth a token.
const FEWEST = 12;

/** The 256 bytes as the printable characters that GPT-2's and CLIP's tokenizers write for them. */
function byteCharacters(): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || (byte >= 174 && byte <= 255);
  let next = 256;
  const characters = Array.from({ length: 256 }, (_, byte) =>
    String.fromCodePoint(printable(byte) ? byte : next++),
  );
  const order = [...Array(256).keys()];
  return [...order.filter(printable), ...order.filter((byte) => !printable(byte))].map(
    (byte) => characters[byte]!,
  );
}

const world = await readWorld();
const counts = new Map<string, number>();
for (let seed = FIRST_SEED; seed < FIRST_SEED + SCENES; seed++) {
  const caption = captionOf(world, sampleScene(world, seed), new WorldRandom(seed, 3), { isComplete: false });
  for (const [word] of caption.matchAll(/\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/gu)) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
}

const words = [...counts].sort().map(([word, count]) => ({
  count,
  symbols: [...word].map((letter, i) => (i === word.length - 1 ? `${letter}</w>` : letter)),
}));
const merges: string[] = [];
for (;;) {
  const pairs = new Map<string, number>();
  for (const { count, symbols } of words) {
    for (let i = 1; i < symbols.length; i++) {
      const pair = `${symbols[i - 1]} ${symbols[i]}`;
      pairs.set(pair, (pairs.get(pair) ?? 0) + count);
    }
  }
  const [best, count] = [...pairs].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  if (count < FEWEST) break;
  merges.push(best);
  for (const word of words) {
    for (let i = word.symbols.length - 1; i > 0; i--) {
      if (`${word.symbols[i - 1]} ${word.symbols[i]}` === best) {
        word.symbols.splice(i - 1, 2, best.replace(' ', ''));
        i--;
      }
    }
  }
}

const [START, END] = ['<|startoftext|>', '<|endoftext|>'];
const bytes = byteCharacters();
const tokens = [
  ...bytes,
  ...bytes.map((byte) => `${byte}</w>`),
  ...merges.map((merge) => merge.replace(' ', '')),
];
const vocab = Object.fromEntries([...new Set(tokens), START, END].map((token, id) => [token, id]));
const special = (content: string, normalized: boolean) => ({
  id: vocab[content],
  content,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized,
  special: true,
});
const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: [special(START, true), special(END, false)],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'NFC' },
      { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
      { type: 'Lowercase' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+" },
        behavior: 'Removed',
        invert: true,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    ],
  },
  post_processor: {
    type: 'RobertaProcessing',
    sep: [END, vocab[END]],
    cls: [START, vocab[START]],
    trim_offsets: false,
    add_prefix_space: false,
  },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: END,
    continuing_subword_prefix: '',
    end_of_word_suffix: '</w>',
    fuse_unk: false,
    vocab,
    merges,
  },
};
const folder = new URL('../../models/toybox/', import.meta.url);
await mkdir(folder, { recursive: true });
await writeFile(new URL('tokenizer.json', folder), `${JSON.stringify(tokenizer)}\n`);
const settings = {
  bos_token: START,
  eos_token: END,
  unk_token: END,
  pad_token: END,
  do_lower_case: true,
  model_max_length: 77,
  tokenizer_class: 'CLIPTokenizer',
};
await writeFile(new URL('tokenizer_config.json', folder), `${JSON.stringify(settings, null, 1)}\n`);
process.stderr.write(`${counts.size} words, ${merges.length} merges, ${Object.keys(vocab).length} tokens\n`);
