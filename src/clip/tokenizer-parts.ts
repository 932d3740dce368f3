import { PolarError, quote } from '../errors.ts';

// What a tokenizer.json may consist of. It comes from the hub and is run on texts of people, so that anything that
// can hang or grow without bounds is refused: patterns that backtrack, replacements that lengthen the text, pieces of
// length zero. The lists hold what CLIP's tokenizers (byte-level BPE), SigLIP's (Unigram), SigLIP 2's (Gemma's BPE) and
// MetaCLIP 2's (XLM-V's Unigram) are made of; a family with other parts adds them here.

const MODELS = ['BPE', 'Unigram'];
const NORMALIZERS = [
  'Sequence',
  'NFC',
  'NFD',
  'NFKC',
  'NFKD',
  'Lowercase',
  'Precompiled',
  'Prepend',
  'Replace',
  'Strip',
  'StripAccents',
];
const PRE_TOKENIZERS = ['Sequence', 'ByteLevel', 'Metaspace', 'Split', 'Whitespace', 'WhitespaceSplit'];
const POST_PROCESSORS = [
  'Sequence',
  'BertProcessing',
  'ByteLevel',
  'RobertaProcessing',
  'TemplateProcessing',
];
const CHILDREN = ['normalizers', 'pretokenizers', 'processors'];

/** CLIP's words: contractions, runs of letters, single digits, runs of anything else. */
const CLIP_WORDS = String.raw`'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`;
/** Patterns of more than one part that are known to be linear in the text. */
const KNOWN_PATTERNS: readonly string[] = [
  CLIP_WORDS,
  String.raw`<\|startoftext\|>|<\|endoftext\|>|${CLIP_WORDS}`,
];
/** One character or class, at least once: nothing to backtrack into. */
const ONE_PART =
  /^(?:\[(?:\\.|[^\]\\])+\]|\\(?:[sSdDwWnrt]|p\{\w+\}|[^\w])|[^\\[\](){}|.*+?^$])(?:\+|\{[1-9]\d?,?\})?$/u;

const MAX_PARTS = 64;
const MAX_ADDED_TOKENS = 5000; // Gemma's has a few hundred
const MAX_AFFIX = 16; // characters of a replacement, prefix or suffix

/**
 * Refuses a tokenizer with parts that are not known to be harmless.
 *
 * @param json parsed `tokenizer.json`
 * @param file its path, for messages
 * @throws PolarError in one line, naming the part
 */
export function checkTokenizerParts(json: object, file: string): void {
  const refuse = (what: string): PolarError =>
    new PolarError(`${file}: ${what}, which polar does not run; choose another model`, 'unreadable');
  const parts = json as Record<string, unknown>;
  let count = 0;
  const walk = (part: unknown, allowed: readonly string[]): void => {
    if (part === null || part === undefined) return;
    if (++count > MAX_PARTS) throw refuse(`more than ${MAX_PARTS} steps`);
    const step = asRecord(part);
    if (typeof step.type !== 'string' || !allowed.includes(step.type)) {
      throw refuse(`a step of the type ${quote(step.type)}`);
    }
    if (step.pattern !== undefined || step.type === 'Split' || step.type === 'Replace') {
      checkPattern(step.pattern, refuse);
    }
    for (const key of ['content', 'prepend', 'replacement']) {
      const text = step[key];
      if (text === undefined) continue;
      if (typeof text !== 'string' || text.length > (step.type === 'Replace' ? 1 : MAX_AFFIX)) {
        throw refuse(`a ${step.type} with the ${key} ${quote(text)}`);
      }
    }
    for (const key of CHILDREN) {
      const children = step[key];
      if (children === undefined) continue;
      if (!Array.isArray(children)) throw refuse(`${key} that are no list`);
      for (const child of children) walk(child, allowed);
    }
    const template = step.single;
    if (template !== undefined && !(Array.isArray(template) && template.length <= MAX_PARTS)) {
      throw refuse('a template that is no short list');
    }
  };
  walk(parts.normalizer, NORMALIZERS);
  walk(parts.pre_tokenizer, PRE_TOKENIZERS);
  walk(parts.post_processor, POST_PROCESSORS);
  checkModel(asRecord(parts.model), refuse);
  const added = parts.added_tokens ?? [];
  if (!Array.isArray(added) || added.length > MAX_ADDED_TOKENS) {
    throw refuse(`added_tokens that are no list of at most ${MAX_ADDED_TOKENS}`);
  }
  for (const token of added) {
    const { content, id } = asRecord(token);
    if (typeof content !== 'string' || content === '' || !isId(id)) {
      throw refuse(`the added token ${quote(token)}`);
    }
  }
}

type Refuse = (what: string) => PolarError;

function checkPattern(pattern: unknown, refuse: Refuse): void {
  const { Regex: regex, String: text } = asRecord(pattern);
  const isText = typeof text === 'string' && text !== '' && text.length <= MAX_AFFIX && regex === undefined;
  const isKnown = typeof regex === 'string' && (KNOWN_PATTERNS.includes(regex) || ONE_PART.test(regex));
  if (!isText && !isKnown) throw refuse(`the pattern ${quote(regex ?? text)}`);
}

function checkModel(model: Record<string, unknown>, refuse: Refuse): void {
  // Files of older versions name no type where it is BPE.
  if (!MODELS.includes((model.type ?? 'BPE') as string))
    throw refuse(`a model of the type ${quote(model.type)}`);
  for (const key of ['continuing_subword_prefix', 'end_of_word_suffix', 'unk_token']) {
    const affix = model[key] ?? '';
    if (typeof affix !== 'string' || affix.length > 2 * MAX_AFFIX) throw refuse(`the ${key} ${quote(affix)}`);
  }
  const { vocab } = model;
  if (Array.isArray(vocab)) {
    for (const entry of vocab) {
      const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
      // An empty piece would be found again and again at one place.
      if (typeof piece !== 'string' || piece === '' || !Number.isFinite(score)) {
        throw refuse(`the piece ${quote(entry)}`);
      }
    }
  } else {
    const words = asRecord(vocab);
    for (const word of Object.keys(words)) {
      if (!isId(words[word])) throw refuse(`the token ${quote([word, words[word]])}`);
    }
  }
}

const isId = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

const asRecord = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
