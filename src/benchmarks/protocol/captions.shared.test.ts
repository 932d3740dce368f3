import { expect, it } from 'vitest';
import { TINY_CLIP } from '../../../test/data.ts';
import { shared } from '../../../test/shared.ts';
import { loadClip } from '../../node/load-clip.ts';
import { readCaptionFile } from '../data/caption-file.ts';
import { expectRecallByDefinition } from './captions.fixture.ts';

it('caption recall on the LLaVA captions is what encoding every caption again for each concept gives', async () => {
  const all = await readCaptionFile(shared('data/captions/conconchi_llava_captions.json'));
  expect(all).toHaveLength(4008);
  const clip = await loadClip(TINY_CLIP, { threads: 1 });
  await expectRecallByDefinition(
    clip,
    all.slice(0, 400).map(({ text }) => text),
  );
  await clip.close();
});
