/**
 * OpenCLIP's models: architecture → tag of its training → repository. Repositories are those of open_clip's own table,
 * except where transformers' layout of the same weights is at another place (OpenAI's, SigLIP, MetaCLIP 2).
 *
 * Left out: architectures that are not read here, trainings on a fraction of the data, and the tags of LAION-400M under
 * plain `ViT-B-32`, which older and newer versions of open_clip run with different activations.
 */
const MODELS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'ViT-B-32': {
    openai: 'openai/clip-vit-base-patch32',
    laion2b_e16: 'timm/vit_base_patch32_clip_224.laion2b_e16',
    laion2b_s34b_b79k: 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K',
    datacomp_xl_s13b_b90k: 'laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K',
  },
  'ViT-B-32-256': { datacomp_s34b_b86k: 'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K' },
  'ViT-B-32-quickgelu': {
    openai: 'openai/clip-vit-base-patch32',
    laion400m_e31: 'timm/vit_base_patch32_clip_224.laion400m_e31',
    laion400m_e32: 'timm/vit_base_patch32_clip_224.laion400m_e32',
    metaclip_400m: 'timm/vit_base_patch32_clip_224.metaclip_400m',
    metaclip_fullcc: 'timm/vit_base_patch32_clip_224.metaclip_2pt5b',
  },
  'ViT-B-16': {
    openai: 'openai/clip-vit-base-patch16',
    laion400m_e31: 'timm/vit_base_patch16_clip_224.laion400m_e31',
    laion400m_e32: 'timm/vit_base_patch16_clip_224.laion400m_e32',
    laion2b_s34b_b88k: 'laion/CLIP-ViT-B-16-laion2B-s34B-b88K',
    datacomp_xl_s13b_b90k: 'laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K',
    dfn2b: 'apple/DFN2B-CLIP-ViT-B-16',
  },
  'ViT-B-16-quickgelu': {
    openai: 'openai/clip-vit-base-patch16',
    dfn2b: 'apple/DFN2B-CLIP-ViT-B-16',
    metaclip_400m: 'timm/vit_base_patch16_clip_224.metaclip_400m',
    metaclip_fullcc: 'timm/vit_base_patch16_clip_224.metaclip_2pt5b',
  },
  'ViT-B-16-plus-240': {
    laion400m_e31: 'timm/vit_base_patch16_plus_clip_240.laion400m_e31',
    laion400m_e32: 'timm/vit_base_patch16_plus_clip_240.laion400m_e32',
  },
  'ViT-L-14': {
    openai: 'openai/clip-vit-large-patch14',
    laion400m_e31: 'timm/vit_large_patch14_clip_224.laion400m_e31',
    laion400m_e32: 'timm/vit_large_patch14_clip_224.laion400m_e32',
    laion2b_s32b_b82k: 'laion/CLIP-ViT-L-14-laion2B-s32B-b82K',
    datacomp_xl_s13b_b90k: 'laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K',
    dfn2b_s39b: 'apple/DFN2B-CLIP-ViT-L-14-39B',
  },
  'ViT-L-14-quickgelu': {
    openai: 'openai/clip-vit-large-patch14',
    dfn2b: 'apple/DFN2B-CLIP-ViT-L-14',
    metaclip_400m: 'timm/vit_large_patch14_clip_224.metaclip_400m',
    metaclip_fullcc: 'timm/vit_large_patch14_clip_224.metaclip_2pt5b',
  },
  'ViT-L-14-336': { openai: 'openai/clip-vit-large-patch14-336' },
  'ViT-L-14-336-quickgelu': { openai: 'openai/clip-vit-large-patch14-336' },
  'ViT-H-14': {
    laion2b_s32b_b79k: 'laion/CLIP-ViT-H-14-laion2B-s32B-b79K',
    metaclip_altogether: 'timm/vit_huge_patch14_clip_224.metaclip_altogether',
  },
  'ViT-H-14-quickgelu': {
    dfn5b: 'apple/DFN5B-CLIP-ViT-H-14',
    metaclip_fullcc: 'timm/vit_huge_patch14_clip_224.metaclip_2pt5b',
  },
  'ViT-H-14-378-quickgelu': { dfn5b: 'apple/DFN5B-CLIP-ViT-H-14-378' },
  'ViT-g-14': {
    laion2b_s12b_b42k: 'laion/CLIP-ViT-g-14-laion2B-s12B-b42K',
    laion2b_s34b_b88k: 'laion/CLIP-ViT-g-14-laion2B-s34B-b88K',
  },
  'ViT-bigG-14': { laion2b_s39b_b160k: 'laion/CLIP-ViT-bigG-14-laion2B-39B-b160k' },
  'ViT-bigG-14-quickgelu': { metaclip_fullcc: 'timm/vit_gigantic_patch14_clip_224.metaclip_2pt5b' },

  'ViT-B-16-SigLIP': { webli: 'google/siglip-base-patch16-224' },
  'ViT-B-16-SigLIP-256': { webli: 'google/siglip-base-patch16-256' },
  'ViT-B-16-SigLIP-384': { webli: 'google/siglip-base-patch16-384' },
  'ViT-B-16-SigLIP-512': { webli: 'google/siglip-base-patch16-512' },
  'ViT-B-16-SigLIP-i18n-256': { webli: 'google/siglip-base-patch16-256-multilingual' },
  'ViT-L-16-SigLIP-256': { webli: 'google/siglip-large-patch16-256' },
  'ViT-L-16-SigLIP-384': { webli: 'google/siglip-large-patch16-384' },
  'ViT-SO400M-14-SigLIP': { webli: 'google/siglip-so400m-patch14-224' },
  'ViT-SO400M-14-SigLIP-384': { webli: 'google/siglip-so400m-patch14-384' },

  'ViT-B-32-SigLIP2-256': { webli: 'google/siglip2-base-patch32-256' },
  'ViT-B-16-SigLIP2': { webli: 'google/siglip2-base-patch16-224' },
  'ViT-B-16-SigLIP2-256': { webli: 'google/siglip2-base-patch16-256' },
  'ViT-B-16-SigLIP2-384': { webli: 'google/siglip2-base-patch16-384' },
  'ViT-B-16-SigLIP2-512': { webli: 'google/siglip2-base-patch16-512' },
  'ViT-L-16-SigLIP2-256': { webli: 'google/siglip2-large-patch16-256' },
  'ViT-L-16-SigLIP2-384': { webli: 'google/siglip2-large-patch16-384' },
  'ViT-L-16-SigLIP2-512': { webli: 'google/siglip2-large-patch16-512' },
  'ViT-SO400M-14-SigLIP2': { webli: 'google/siglip2-so400m-patch14-224' },
  // 384 pixels are 27 patches of 14 with a rest that is never read: the same weights, pictures six pixels smaller.
  'ViT-SO400M-14-SigLIP2-378': { webli: 'google/siglip2-so400m-patch14-384' },
  'ViT-SO400M-16-SigLIP2-256': { webli: 'google/siglip2-so400m-patch16-256' },
  'ViT-SO400M-16-SigLIP2-384': { webli: 'google/siglip2-so400m-patch16-384' },
  'ViT-SO400M-16-SigLIP2-512': { webli: 'google/siglip2-so400m-patch16-512' },
  'ViT-gopt-16-SigLIP2-256': { webli: 'google/siglip2-giant-opt-patch16-256' },
  'ViT-gopt-16-SigLIP2-384': { webli: 'google/siglip2-giant-opt-patch16-384' },

  'ViT-H-14-worldwide-quickgelu': { metaclip2_worldwide: 'facebook/metaclip-2-worldwide-huge-quickgelu' },
  'ViT-H-14-worldwide-378': { metaclip2_worldwide: 'facebook/metaclip-2-worldwide-huge-378' },
  'ViT-bigG-14-worldwide': { metaclip2_worldwide: 'facebook/metaclip-2-worldwide-giant' },
  'ViT-bigG-14-worldwide-378': { metaclip2_worldwide: 'facebook/metaclip-2-worldwide-giant-378' },
};

// Names that open_clip and immich know, of architectures that are not read here.
const UNREAD =
  /^(RN\d|XLM-Roberta|LABSE|xlm-roberta|roberta|nllb|convnext|coca|EVA|PE-Core|MobileCLIP|ViTamin|CLAP|fg-clip)|naflex/i;

/** Every name in immich's form (`ViT-B-16-SigLIP2__webli`) with its repository. */
export const IMMICH_NAMES: ReadonlyMap<string, string> = new Map(
  Object.entries(MODELS).flatMap(([model, tags]) =>
    Object.entries(tags).map(([tag, repository]) => [`${model}__${tag}`, repository]),
  ),
);

/**
 * The repository of a model in OpenCLIP's form (`ViT-B-32-256/datacomp_s34b_b86k`) or immich's
 * (`ViT-B-32__laion2b-s34b-b79k`; dashes and underscores of the tag are the same there).
 *
 * @returns undefined where the name is not known
 */
export function openClipRepository(name: string): string | undefined {
  const match = /^([^/:]+?)(?:__|::|\/)([^/:]+)$/.exec(name);
  if (match === null) return undefined;
  return IMMICH_NAMES.get(`${match[1]}__${match[2]!.toLowerCase().replaceAll('-', '_')}`);
}

/** Whether a name in immich's or OpenCLIP's form is of an architecture that is not read here. */
export const isUnreadArchitecture = (name: string): boolean => UNREAD.test(name) && /__|::|\//.test(name);
