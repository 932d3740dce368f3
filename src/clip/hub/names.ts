import { PolarError } from '../../errors.ts';
import { isRepository, isRevision } from './checks.ts';
import { isUnreadArchitecture, openClipRepository } from './open-clip-names.ts';

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
 * The repository that a short name stands for: the paper's (`ViT-B/32`), OpenCLIP's
 * (`ViT-B-32-256/datacomp_s34b_b86k`) or immich's (`ViT-B-16-SigLIP2__webli`).
 *
 * @returns undefined for any other name
 */
export function repositoryOf(name: string): string | undefined {
  return Object.hasOwn(SHORT_NAMES, name) ? SHORT_NAMES[name] : openClipRepository(name);
}

/**
 * Reads `org/name`, `org/name@revision` or a short name (see `repositoryOf`).
 *
 * @throws PolarError when `name` is none of them
 */
export function parseRepositoryName(name: string): RepositoryName {
  const known = repositoryOf(name);
  if (known !== undefined) return { id: known, revision: 'main' };
  const at = name.indexOf('@');
  const id = at < 0 ? name : name.slice(0, at);
  const revision = at < 0 ? 'main' : name.slice(at + 1);
  if (isUnreadArchitecture(name) && !isRepository(id)) {
    throw new PolarError(
      `${name}: a model of another architecture; polar reads CLIP, OpenCLIP's plain ViT, SigLIP, SigLIP 2 and MetaCLIP 2 (polar models lists some)`,
    );
  }
  if (!isRepository(id) || !isRevision(revision)) {
    throw new PolarError(
      `${name}: no such model; give a folder, a repository (org/name or org/name@revision), ${TOYBOX}, ${Object.keys(SHORT_NAMES).join(', ')}, or a name of OpenCLIP or immich (ViT-B-16-SigLIP2__webli)`,
      'not-found',
    );
  }
  return { id, revision };
}
