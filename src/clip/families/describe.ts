import { PolarError, quote } from '../../errors.ts';
import { type ClipConfig, type FamilyName, MODEL_TYPES, type TextRules } from '../config.ts';
import { CONFIG, OPEN_CLIP_CONFIG, PREPROCESSOR, PROCESSOR, TOKENIZER } from '../hub/files.ts';
import type { PreprocessorConfig } from '../pixels/preprocess.ts';
import { clip } from './clip.ts';
import type { Family } from './family.ts';
import { Fields, SUPPORTED } from './fields.ts';
import { metaclip2 } from './metaclip2.ts';
import { openClip } from './open-clip.ts';
import { siglip } from './siglip.ts';

/** The families by name; a new one is a file beside these and a line here. */
export const FAMILIES: Readonly<Record<FamilyName, Family>> = {
  clip,
  open_clip: openClip,
  siglip,
  metaclip_2: metaclip2,
};

/** Everything that a model's JSON files say. */
export interface ModelDescription {
  readonly config: ClipConfig;
  readonly preprocessorConfig: PreprocessorConfig;
  /** Reads `tokenizer.json`, far the largest of the files: last, so that a tower can be loading meanwhile. */
  readonly readTokenizer: () => Promise<TokenizerDescription>;
}

/** What a model does with texts. */
export interface TokenizerDescription {
  readonly textRules: TextRules;
  /** Parsed `tokenizer.json`, and its name for messages. */
  readonly tokenizer: readonly [json: unknown, file: string];
}

/** Parses a file of a model: its content, and its name for messages. */
export type ReadJson = (name: string) => Promise<[json: unknown, file: string]>;

/**
 * Reads the configuration of a model of any family: `config.json`, or `open_clip_config.json`. Fields that are absent
 * take the family's defaults (newer exports write only what differs from them).
 *
 * @throws PolarError when the file describes another kind of model or a value makes no sense
 */
export function readClipConfig(json: unknown, file: string): ClipConfig {
  return familyOf(json, file).config(json, file);
}

/**
 * Reads the description of a model from its files: those of transformers' layout, or of OpenCLIP's.
 *
 * @param files the names of those that are there
 * @throws PolarError when a file is missing, damaged, of another architecture, or does not fit the others
 */
export async function describeModel(
  files: { has(name: string): boolean },
  read: ReadJson,
): Promise<ModelDescription> {
  const isOpenClip = !files.has(CONFIG) && files.has(OPEN_CLIP_CONFIG);
  const configFile = await read(isOpenClip ? OPEN_CLIP_CONFIG : CONFIG);
  const family = familyOf(...configFile);
  const config = family.config(...configFile);
  const find = async (name: string) => (files.has(name) ? read(name) : undefined);
  const [processor, preprocessor] = [await find(PROCESSOR), await find(PREPROCESSOR)];
  const preprocessorConfig = family.pixels({ config: configFile, processor, preprocessor }, config);
  if (preprocessorConfig.cropTo !== config.vision.imageSize) {
    throw new PolarError(
      `${(processor ?? preprocessor ?? configFile)[1]}: pictures of ${preprocessorConfig.cropTo} pixels, the model's image_size is ${config.vision.imageSize}; the files are of different models, download the model again`,
      'unreadable',
    );
  }
  const readTokenizer = async () => {
    const tokenizer = await read(TOKENIZER);
    return { tokenizer, textRules: family.texts(...tokenizer) };
  };
  return { config, preprocessorConfig, readTokenizer };
}

function familyOf(json: unknown, file: string): Family {
  const { values } = new Fields(json, file);
  if (values.model_cfg !== undefined) return openClip;
  const type = values.model_type;
  const found = MODEL_TYPES.find((name) => name === type);
  if (found !== undefined) return FAMILIES[found];
  const naflex = type === 'siglip2' ? ', a SigLIP 2 of any picture size (NaFlex)' : '';
  throw new PolarError(
    `${file}: model_type is ${quote(type)}${naflex}, expected ${MODEL_TYPES.map((name) => `"${name}"`).join(', ')}; supported are ${SUPPORTED}`,
    'unreadable',
  );
}
