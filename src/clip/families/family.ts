import type { ClipConfig, FamilyName, TextRules } from '../config.ts';
import type { ParsedFile, PreprocessorConfig } from '../pixels/preprocess.ts';

/** Where a weight lies in a checkpoint. */
export interface Place {
  /** Name of the tensor. */
  readonly tensor: string;
  /** The tensor is several weights one below the other (q, k and v in one), of which this is number `index`. */
  readonly part?: { readonly index: number; readonly of: number };
  /** The matrix is stored as `[inputs, outputs]`. */
  readonly transposed?: boolean;
}

/** Files that may say how pictures are prepared, where they are there. */
export interface PixelFiles {
  /** `config.json` or `open_clip_config.json` */
  readonly config: ParsedFile;
  /** `preprocessor_config.json` */
  readonly preprocessor?: ParsedFile | undefined;
  /** `processor_config.json` */
  readonly processor?: ParsedFile | undefined;
}

/** A family of models: how the files of one map to the description that everything else reads. */
export interface Family {
  readonly name: FamilyName;
  /** For messages. */
  readonly title: string;
  /**
   * The description, from the configuration alone, with the family's defaults where it is sparse.
   *
   * @throws PolarError naming the file where a value makes no sense or is another architecture
   */
  config(json: unknown, file: string): ClipConfig;
  /** How pictures are prepared, from the files that say so. */
  pixels(files: PixelFiles, config: ClipConfig): PreprocessorConfig;
  /**
   * How sentences are prepared.
   *
   * @param tokenizerJson parsed `tokenizer.json`
   */
  texts(tokenizerJson: unknown, file: string): TextRules;
  /**
   * Where a weight lies.
   *
   * @param name its name in the graphs, which is that of a Hugging Face CLIP
   * @param has whether the checkpoint has a tensor of that name
   */
  place(name: string, has: (tensor: string) => boolean): Place;
  /** A tensor that the family's checkpoints have and no other's. */
  readonly mark: string;
}
