import { describe, expect, it } from 'vitest';
import { parseRepositoryName, repositoryOf } from './names.ts';
import { IMMICH_NAMES } from './open-clip-names.ts';

describe('short names', () => {
  it.each([
    ['ViT-B/32', 'openai/clip-vit-base-patch32'],
    ['ViT-L/14@336px', 'openai/clip-vit-large-patch14-336'],
    ['ViT-B-32__openai', 'openai/clip-vit-base-patch32'],
    ['ViT-B-32::openai', 'openai/clip-vit-base-patch32'],
    ['ViT-B-16-SigLIP2__webli', 'google/siglip2-base-patch16-224'],
    ['ViT-L-14-quickgelu__dfn2b', 'apple/DFN2B-CLIP-ViT-L-14'],
    ['ViT-B-32__laion2b-s34b-b79k', 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K'],
    ['ViT-B-32/laion2b_s34b_b79k', 'laion/CLIP-ViT-B-32-laion2B-s34B-b79K'],
    ['ViT-B-32-256/datacomp_s34b_b86k', 'laion/CLIP-ViT-B-32-256x256-DataComp-s34B-b86K'],
    ['ViT-B-16/openai', 'openai/clip-vit-base-patch16'],
  ])('the short name %s stands for the repository %s', (name, id) => {
    expect(parseRepositoryName(name)).toEqual({ id, revision: 'main' });
  });

  it('stand for sound repositories, all of them', () => {
    expect(IMMICH_NAMES.size).toBeGreaterThan(50);
    for (const [name, id] of IMMICH_NAMES) {
      expect(parseRepositoryName(id)).toEqual({ id, revision: 'main' });
      expect(repositoryOf(name.replace('__', '/'))).toBe(id);
    }
  });

  it('short names of architectures that are not read say so; a repository of such a name is a repository', () => {
    for (const name of ['nllb-clip-base-siglip__v1', 'RN50__openai', 'XLM-Roberta-Large-Vit-B-32__x']) {
      expect(() => parseRepositoryName(name), name).toThrow(/a model of another architecture; polar reads/);
    }
    expect(parseRepositoryName('roberta/clip').id).toBe('roberta/clip');
  });

  it('short names of old LAION-400M runs of ViT-B-32, whose activation is in doubt, are not taken', () => {
    expect(repositoryOf('ViT-B-32__laion400m_e32')).toBeUndefined();
    expect(repositoryOf('ViT-B-32-quickgelu__laion400m_e32')).toBe(
      'timm/vit_base_patch32_clip_224.laion400m_e32',
    );
  });
});

describe('repositories', () => {
  it.each([
    ['acme/tiny', 'acme/tiny', 'main'],
    ['acme/tiny@v1.0', 'acme/tiny', 'v1.0'],
    ['acme/tiny@refs/pr/3', 'acme/tiny', 'refs/pr/3'],
    ['timm/vit_base_patch32_clip_224.openai', 'timm/vit_base_patch32_clip_224.openai', 'main'],
  ])('the repository %s is read, with its revision', (name, id, revision) => {
    expect(parseRepositoryName(name)).toEqual({ id, revision });
  });

  it.each([
    '../up',
    './x/y',
    'a/..',
    'a/b@../../x',
    'a/b@/etc/passwd',
    'a/b@x/../y',
    'a/b@x//y',
    'a/b@-x',
    'a/b@.x',
    'a/b@',
    'a/b@x@y',
    'a/b@x\ny',
    'a/b?x=1',
    'a/b#x',
    'a--b/c',
    `a/${'b'.repeat(200)}`,
    'constructor',
    '__proto__',
  ])('the repository %j is refused', (name) => {
    expect(() => parseRepositoryName(name)).toThrow(/no such model; give a folder/);
  });
});
