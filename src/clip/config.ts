/**
 * Activation of the MLPs, by transformers' names: OpenAI's models use `quick_gelu`, OpenCLIP's `gelu` (the exact, erf
 * form), SigLIP `gelu_pytorch_tanh`.
 */
export const ACTIVATIONS = ['quick_gelu', 'gelu', 'gelu_pytorch_tanh'] as const;
/** One of `ACTIVATIONS`. */
export type Activation = (typeof ACTIVATIONS)[number];

/** `model_type` of the `config.json` files that are read. */
export const MODEL_TYPES = ['clip', 'siglip', 'metaclip_2'] as const;
/** The families of models, by the names that concept files give them: a `model_type`, or OpenCLIP's layout. */
export const FAMILY_NAMES = [...MODEL_TYPES, 'open_clip'] as const;
/** One of {@link FAMILY_NAMES}. */
export type FamilyName = (typeof FAMILY_NAMES)[number];

/** What both towers have in common. */
export interface TowerConfig {
  /** D, the width of the residual stream. */
  readonly width: number;
  /** Width of the MLP's hidden layer. */
  readonly mlpWidth: number;
  readonly layers: number;
  /** H; `width` is a multiple of it. */
  readonly heads: number;
  readonly activation: Activation;
  readonly layerNormEpsilon: number;
}

/** The text tower. */
export interface TextConfig extends TowerConfig {
  readonly vocabulary: number;
  /** T, most tokens of a text, start and end included. */
  readonly contextLength: number;
  /** Whether a token attends only to itself and to those before it. */
  readonly causal: boolean;
  /**
   * The position whose embedding is the text's: the first occurrence of a token, the text's highest token, or the last
   * of T positions, where texts are padded to T.
   */
  readonly readAt: number | 'highest' | 'last';
  /** Whether the projection has a bias. */
  readonly projectionBias: boolean;
}

/** The image tower. */
export interface VisionConfig extends TowerConfig {
  /** Side of the square input image, in pixels. */
  readonly imageSize: number;
  /** Side of a patch, in pixels. */
  readonly patchSize: number;
  /** Whether the patches' convolution has a bias. */
  readonly patchBias: boolean;
  /** Whether a layer norm comes before the first layer. */
  readonly preNorm: boolean;
  /**
   * The embedding of a picture: the row of a class token through `visual_projection`, or all rows through a head in
   * which one learnt query attends to them.
   */
  readonly pooling: 'class token' | 'attention head';
}

/**
 * The description of a model that graphs, head and training are written from; a family (`families/`) maps the files of
 * a model to it.
 */
export interface ClipConfig {
  readonly family: FamilyName;
  readonly text: TextConfig;
  readonly vision: VisionConfig;
  /** P, the dimension of the shared embedding space. */
  readonly dimension: number;
}

/** How a sentence becomes token ids, beside what `tokenizer.json` says. */
export interface TextRules {
  /** What comes before `tokenizer.json`: CLIP's own cleaning (HTML entities, white space), lower case, or nothing. */
  readonly cleaning: 'clip' | 'lower case' | 'none';
  /** A text longer than T is refused, or cut to T tokens of which this one is the last. */
  readonly cutWith: number | null;
  /** Fills a text up to the length of its batch, or to T. */
  readonly padToken: number;
}
