import { PolarError } from '../../errors.ts';

/** The released code's names of OpenAI's models. */
export const SHORT_NAMES: Readonly<Record<string, string>> = {
  'ViT-B/32': 'openai/clip-vit-base-patch32',
  'ViT-B/16': 'openai/clip-vit-base-patch16',
  'ViT-L/14': 'openai/clip-vit-large-patch14',
  'ViT-L/14@336px': 'openai/clip-vit-large-patch14-336',
};

/** The small model that ships with the package. */
export const TOYBOX = 'toybox';

/** A repository on the hub, and which state of it. */
export interface RepositoryName {
  /** `org/name` */
  readonly id: string;
  /** A branch, a tag, or a commit's 40 hexadecimal digits. */
  readonly revision: string;
}

/**
 * Reads `org/name`, `org/name@revision` or a short name such as `ViT-B/32`.
 *
 * @throws PolarError when `name` is none of them
 */
export function parseRepositoryName(name: string): RepositoryName {
  if (Object.hasOwn(SHORT_NAMES, name)) return { id: SHORT_NAMES[name]!, revision: 'main' };
  const match = /^([\w.-]+\/[\w.-]+?)(?:@([\w./-]+))?$/.exec(name);
  if (match === null || name.includes('..')) {
    throw new PolarError(
      `${name}: no such model; give a folder, a repository (org/name or org/name@revision), ${TOYBOX}, or one of ${Object.keys(SHORT_NAMES).join(', ')}`,
    );
  }
  return { id: match[1]!, revision: match[2] ?? 'main' };
}
