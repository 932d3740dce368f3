import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TINY_CLIP } from '../../../test/data.ts';
import { indexPhotos } from '../../library/index-photos.ts';
import { PhotoStore } from '../../library/photo-store.ts';
import { ConceptStore } from '../../node/concepts/concept-store.ts';
import { inHome } from '../../node/home.ts';
import { loadClip } from '../../node/load-clip.ts';
import { CONCEPT } from '../../polar/concept/concept.fixture.ts';
import { diagnose } from './doctor.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'polar-doctor-'));
  vi.stubEnv('POLAR_HOME', join(home, 'polar'));
  vi.stubEnv('HF_HUB_CACHE', join(home, 'hub'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true });
});

const open = (): PhotoStore => new PhotoStore(inHome(join(home, 'polar')).library);

it('finds nothing broken where nothing is yet', async () => {
  const findings = await diagnose('1.2.3', open());
  expect(findings.map(({ remedy }) => remedy)).toEqual(findings.map(() => null));
  expect(findings[0]).toMatchObject({ part: 'polar', found: expect.stringContaining('1.2.3') });
  expect(findings.map(({ part }) => part)).toEqual(
    expect.arrayContaining(['engine', 'pictures', 'home', 'index', 'concepts', 'models']),
  );
});

it('says what is damaged, incomplete or missing, and the command that mends it', async () => {
  const concepts = new ConceptStore(inHome(join(home, 'polar')).concepts);
  for (const name of ['Rex', 'Tom']) await concepts.save({ ...CONCEPT, name });
  await rm(join(concepts.directoryOf('Rex'), 'adapter_config.json'));
  const snapshot = join(home, 'hub', 'models--some--clip', 'snapshots', 'a'.repeat(40));
  await mkdir(snapshot, { recursive: true });
  await symlink(join(TINY_CLIP, 'config.json'), join(snapshot, 'config.json'));
  const photos = join(home, 'photos');
  await mkdir(photos);
  await writeFile(join(photos, 'broken.jpg'), 'no picture');
  const clip = await loadClip(TINY_CLIP);
  await indexPhotos(open(), clip, photos);
  await clip.close();
  await rename(photos, join(home, 'elsewhere'));

  const findings = await diagnose('1.2.3', open());
  const problems = findings.filter(({ remedy }) => remedy !== null);
  expect(problems).toEqual([
    {
      part: 'folders',
      found: `${photos} is missing`,
      remedy: expect.stringContaining('polar index --forget'),
    },
    {
      part: 'concepts',
      found: expect.stringContaining('adapter_config.json'),
      remedy: 'polar concepts remove "rex" deletes it',
    },
    {
      part: 'models',
      found: expect.stringContaining('some/clip'),
      remedy: expect.stringContaining('polar models download some/clip'),
    },
  ]);
  expect(findings).toContainEqual({ part: 'concepts', found: '1 learnt thing', remedy: null });
});
