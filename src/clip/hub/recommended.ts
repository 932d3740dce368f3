import { tell } from '../../messages.ts';

/** A model that is worth choosing, with what a person asks of it. */
export interface RecommendedModel {
  /** Short name that `--model` takes. */
  readonly name: string;
  /** Repository. */
  readonly id: string;
  /** Size of the download, in MB. */
  readonly megabytes: number;
  /** Memory that indexing takes for the image tower's weights, in MB: its parameters in float32. */
  readonly memory: number;
  readonly languages: 'English' | 'many';
  /** Licence of the weights, as the repository names it. */
  readonly licence: string;
  /**
   * Recall in English, in percent, from immich's documentation (Crossmodal-3600, mean of recall@1, @5 and @10); null
   * where that table has none. Measured by its authors, not here.
   */
  readonly recall: number | null;
  readonly use: string;
}

/** The one to take for photos; the reason is in docs/models.md. */
export const RECOMMENDED_MODEL = 'ViT-B-16-SigLIP2__webli';

/** Models by what they are for, the recommended one first, the paper's last. */
export const RECOMMENDED_MODELS: readonly RecommendedModel[] = [
  {
    name: RECOMMENDED_MODEL,
    id: 'google/siglip2-base-patch16-224',
    megabytes: 1501,
    memory: 372,
    languages: 'many',
    licence: 'apache-2.0',
    recall: 75.2,
    use: tell('model.photos'),
  },
  {
    name: 'ViT-B-32-SigLIP2-256__webli',
    id: 'google/siglip2-base-patch32-256',
    megabytes: 1507,
    memory: 378,
    languages: 'many',
    licence: 'apache-2.0',
    recall: 73.2,
    use: tell('model.slow-machine'),
  },
  {
    name: 'ViT-B-32-256/datacomp_s34b_b86k',
    id: 'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K',
    megabytes: 605,
    memory: 351,
    languages: 'English',
    licence: 'mit',
    recall: null,
    use: tell('model.small'),
  },
  {
    name: 'ViT-L-14-quickgelu__dfn2b',
    id: 'apple/DFN2B-CLIP-ViT-L-14',
    megabytes: 1711,
    memory: 1216,
    languages: 'English',
    licence: 'apple-sample-code-license',
    recall: 72.8,
    use: tell('model.gpu'),
  },
  {
    name: 'facebook/metaclip-2-worldwide-huge-quickgelu',
    id: 'facebook/metaclip-2-worldwide-huge-quickgelu',
    megabytes: 7440,
    memory: 2528,
    languages: 'many',
    licence: 'cc-by-nc-4.0',
    recall: null,
    use: tell('model.many'),
  },
  {
    name: 'ViT-B/32',
    id: 'openai/clip-vit-base-patch32',
    megabytes: 605,
    memory: 351,
    languages: 'English',
    licence: 'mit',
    recall: 59.4,
    use: tell('model.paper'),
  },
  {
    name: 'ViT-L/14',
    id: 'openai/clip-vit-large-patch14',
    megabytes: 1711,
    memory: 1216,
    languages: 'English',
    licence: 'mit',
    recall: 60.1,
    use: tell('model.paper'),
  },
];

/**
 * How well models find, for the choice between those at hand: the recall of immich's documentation (see
 * `RecommendedModel.recall`). Models that it lacks are placed among their neighbours by open_clip's own table (COCO,
 * image recall@1); OpenAI's are in the order of that table too.
 */
const QUALITY: Readonly<Record<string, number>> = {
  'apple/DFN5B-CLIP-ViT-H-14-378': 75.7,
  'google/siglip2-large-patch16-512': 75.4,
  'google/siglip2-base-patch16-512': 75.3,
  'google/siglip2-base-patch16-384': 75.3,
  'google/siglip2-base-patch16-256': 75.2,
  'google/siglip2-base-patch16-224': 75.2,
  'google/siglip2-so400m-patch16-384': 75.1,
  'google/siglip2-so400m-patch16-512': 75.1,
  'apple/DFN5B-CLIP-ViT-H-14': 75.0,
  'google/siglip2-large-patch16-384': 74.9,
  'google/siglip2-giant-opt-patch16-384': 74.9,
  'google/siglip2-so400m-patch14-384': 74.9,
  'google/siglip2-so400m-patch16-256': 74.9,
  'google/siglip2-so400m-patch14-224': 74.8,
  'google/siglip2-large-patch16-256': 74.3,
  'google/siglip2-giant-opt-patch16-256': 74.3,
  'google/siglip2-base-patch32-256': 73.2,
  'apple/DFN2B-CLIP-ViT-L-14-39B': 72.9,
  'apple/DFN2B-CLIP-ViT-L-14': 72.8,
  'google/siglip-so400m-patch14-384': 72.6,
  'google/siglip-large-patch16-384': 72.6,
  'google/siglip-base-patch16-512': 72.5,
  'google/siglip-base-patch16-384': 72.5,
  'google/siglip-large-patch16-256': 72.4,
  'google/siglip-base-patch16-224': 71.6,
  'google/siglip-base-patch16-256': 71.6,
  'laion/CLIP-ViT-H-14-laion2B-s32B-b79K': 71.3,
  'laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K': 70.5,
  'laion/CLIP-ViT-L-14-laion2B-s32B-b82K': 69.9,
  'apple/DFN2B-CLIP-ViT-B-16': 69.5,
  'google/siglip-base-patch16-256-multilingual': 69.4,
  'laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K': 69.1,
  'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K': 69,
  'laion/CLIP-ViT-B-32-laion2B-s34B-b79K': 68.8,
  'openai/clip-vit-large-patch14-336': 60.3,
  'openai/clip-vit-large-patch14': 60.1,
  'openai/clip-vit-base-patch16': 59.7,
  'openai/clip-vit-base-patch32': 59.4,
};

/** How well a repository's model finds (percent, see `QUALITY`), or null where nothing is published of it. */
export const qualityOf = (id: string): number | null => QUALITY[id] ?? null;

/** Whether a licence, as the hub names it, forbids commercial use or is research only. */
export const isNonCommercial = (licence: string): boolean =>
  /(^|[^a-z])nc([^a-z]|$)|non-?commercial|apple-amlr|research/i.test(licence);
