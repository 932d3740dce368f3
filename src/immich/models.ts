/** An immich model's short name: without an organisation, as its machine learning reads it. */
export const shortName = (modelName: string): string =>
  modelName.slice(modelName.lastIndexOf('/') + 1).replaceAll(':', '_');

// immich's own list of vector sizes (server/src/constants.ts), for the families that can be loaded here.
const DIMENSIONS: readonly (readonly [RegExp, number])[] = [
  [/^ViT-B-(?:16|32)-SigLIP/, 768],
  [/^ViT-L-16-SigLIP/, 1024],
  [/^ViT-SO400M-1[46]-SigLIP/, 1152],
  [/^ViT-gopt-16-SigLIP2/, 1536],
  [/^ViT-B-(?:16|32)(?:-quickgelu)?__/, 512],
  [/^ViT-L-14(?:-336)?(?:-quickgelu)?__/, 768],
  [/^ViT-H-14(?:-378)?(?:-quickgelu)?__/, 1024],
];

/** Numbers in the embeddings that immich's database holds for a model; undefined for a model that is not known. */
export const dimensionOf = (modelName: string): number | undefined =>
  DIMENSIONS.find(([pattern]) => pattern.test(shortName(modelName)))?.[1];
