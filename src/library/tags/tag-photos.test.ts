import { chmod, mkdtemp, readdir, readFile, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { load } from 'exifreader';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseKeyword } from './keyword.ts';
import { tagPhotos } from './tag-photos.ts';

let folder: string;
let photo: string;
let sidecar: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'polar-tags-')));
  photo = join(folder, 'IMG_1.jpg');
  sidecar = `${photo}.xmp`;
  await writeFile(photo, 'a photo');
});
afterEach(() => rm(folder, { recursive: true }));

const REX = parseKeyword('Pets/Rex');

/** What an independent reader finds in XMP. */
async function keywords(path = sidecar): Promise<Record<string, string | undefined>> {
  const { xmp } = load(Buffer.from(wrapped(await readFile(path))), { expanded: true });
  return Object.fromEntries(
    ['subject', 'TagsList', 'hierarchicalSubject', 'Rating'].map((name) => [name, xmp?.[name]?.description]),
  );
}

/** XMP in the smallest JPEG that holds it, for a reader of pictures. */
function wrapped(xmp: Uint8Array): Uint8Array {
  const head = Buffer.from('http://ns.adobe.com/xap/1.0/\0');
  const length = Buffer.alloc(2);
  length.writeUInt16BE(2 + head.length + xmp.length);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), length, head, xmp, Buffer.from([0xff, 0xd9])]);
}

/** A sidecar as another program writes it. */
const OTHERS = `<?xml version="1.0" encoding="UTF-8"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="another program">
 <!-- kept -->
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:DC="http://purl.org/dc/elements/1.1/" xmp:Rating="4">
   <DC:subject><rdf:Bag>
     <rdf:li>Garden &amp; house</rdf:li>
   </rdf:Bag></DC:subject>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
`;

it('makes a sidecar with the keyword where picture programs look for it, once, and leaves the photo alone', async () => {
  const before = await stat(photo);
  const { photos, skipped } = await tagPhotos([photo], REX);
  expect({ photos, skipped }).toEqual({ photos: [{ path: photo, sidecar, state: 'written' }], skipped: [] });
  expect(await keywords()).toMatchObject({
    subject: 'Rex',
    TagsList: 'Pets/Rex',
    hierarchicalSubject: 'Pets|Rex',
  });
  const written = await readFile(sidecar, 'utf8');
  expect((await tagPhotos([photo], REX)).photos).toMatchObject([{ state: 'there' }]);
  expect(await readFile(sidecar, 'utf8')).toBe(written);
  expect(await stat(photo)).toEqual({ ...before, atimeMs: expect.anything(), atime: expect.anything() });
});

it('merges with what another program wrote, under whatever prefix, and takes exactly its own out again', async () => {
  await writeFile(sidecar, OTHERS, { mode: 0o640 });
  await tagPhotos([photo], REX);
  await tagPhotos([photo], parseKeyword('Snow'));
  expect(await keywords()).toEqual({
    subject: 'Garden & house, Rex, Snow',
    TagsList: 'Pets/Rex, Snow',
    hierarchicalSubject: 'Pets|Rex, Snow',
    Rating: '4',
  });
  expect((await stat(sidecar)).mode & 0o777).toBe(0o640);
  expect((await tagPhotos([photo], REX, { remove: true })).photos).toMatchObject([{ state: 'removed' }]);
  expect(await keywords()).toMatchObject({ subject: 'Garden & house, Snow', TagsList: 'Snow' });
  await tagPhotos([photo], parseKeyword('Snow'), { remove: true });
  expect(await readFile(sidecar, 'utf8')).toBe(OTHERS);
});

it('a keyword that somebody else wrote is never taken out, and a file that somebody else uses stays', async () => {
  await writeFile(sidecar, OTHERS);
  const theirs = parseKeyword('Garden & house');
  await tagPhotos([photo], theirs); // subject is there, the other two are not
  await tagPhotos([photo], theirs, { remove: true });
  expect(await readFile(sidecar, 'utf8')).toBe(OTHERS);
  expect((await tagPhotos([photo], theirs, { remove: true })).photos).toEqual([]);
  const own = join(folder, 'IMG_2.jpg');
  await writeFile(own, 'another');
  await tagPhotos([own], REX);
  const rated = (await readFile(`${own}.xmp`, 'utf8')).replace(
    'rdf:about=""',
    'rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"',
  );
  await writeFile(`${own}.xmp`, rated);
  await tagPhotos([own], REX, { remove: true });
  expect(await keywords(`${own}.xmp`)).toEqual({ Rating: '5' });
});

it('a sidecar that it made is gone when its last keyword is', async () => {
  await tagPhotos([photo], REX);
  await tagPhotos([photo], parseKeyword('Rex'));
  await tagPhotos([photo], REX, { remove: true });
  expect(await readdir(folder)).toEqual(['IMG_1.jpg', 'IMG_1.jpg.xmp']);
  await tagPhotos([photo], parseKeyword('Rex'), { remove: true });
  expect(await readdir(folder)).toEqual(['IMG_1.jpg']);
});

it('a dry run says the same and writes nothing', async () => {
  const { photos } = await tagPhotos([photo], REX, { dryRun: true });
  expect(photos).toEqual([{ path: photo, sidecar, state: 'written' }]);
  expect(await readdir(folder)).toEqual(['IMG_1.jpg']);
});

it('hostile sidecars are left as they are, each with its reason, and never stop the rest', async () => {
  const bomb = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>${OTHERS.replace('Garden', '&b;')}`;
  const cases: Record<string, [content: string | Uint8Array, reason: RegExp]> = {
    bomb: [bomb.replace(/<\?xml.*\?>\n/, ''), /no XMP: it declares a document type; mend or remove it$/],
    entity: [OTHERS.replace('Garden', '&lol;'), /damaged XML \(.*entity not found/],
    cut: [OTHERS.slice(0, 300), /damaged XML/],
    empty: ['', /damaged XML/],
    other: ['<svg xmlns="http://www.w3.org/2000/svg"/>', /no XMP: it has no rdf:Description/],
    huge: [Buffer.alloc(100e6, ' '), /100 MB, more than the 8 MB of a sidecar/],
    latin: [Buffer.from(OTHERS.replace('house', 'Z\u00fcrich'), 'latin1'), /not UTF-8/],
    text: [
      OTHERS.replace(/<DC:subject>[\s\S]*<\/DC:subject>/, '<DC:subject>Rex</DC:subject>'),
      /dc:subject is there and is no list/,
    ],
    tags: [
      OTHERS.replace('<!-- kept -->', '<a/>'.repeat(60_000)),
      /6\d+ times <, more than the 50000 of a sidecar/,
    ],
    spaces: [
      OTHERS.replace('<!-- kept -->', '<a xmlns:b="c"/>'.repeat(3000)),
      /300\d times xmlns, more than the 2000/,
    ],
  };
  const paths: string[] = [];
  for (const [name, [content]] of Object.entries(cases)) {
    paths.push(join(folder, `${name}.jpg`));
    await writeFile(paths.at(-1)!, name);
    await writeFile(`${paths.at(-1)}.xmp`, content);
  }
  const linked = join(folder, 'linked.jpg');
  const outside = join(folder, 'outside');
  await writeFile(linked, '');
  await writeFile(outside, OTHERS);
  await symlink(outside, `${linked}.xmp`);
  await chmod(outside, 0o600);
  const gone = join(folder, 'gone.jpg');
  const { photos, skipped } = await tagPhotos([...paths, linked, gone, photo], REX);
  expect(photos).toEqual([{ path: photo, sidecar, state: 'written' }]);
  expect(skipped.map(({ path }) => path)).toEqual([...paths, linked, gone]);
  for (const [index, [name, [content, reason]]] of Object.entries(cases).entries()) {
    expect(skipped[index]!.reason, name).toMatch(reason);
    expect(skipped[index]!.reason.length, name).toBeLessThan(600);
    expect((await readFile(`${paths[index]}.xmp`)).equals(Buffer.from(content)), name).toBe(true);
  }
  expect(skipped.at(-2)!.reason).toMatch(/linked\.jpg\.xmp: a link, which is not followed/);
  expect(skipped.at(-1)!.reason).toBe('no such file; check the path');
  expect(await readFile(outside, 'utf8')).toBe(OTHERS);
});

it('a keyword is one word or a path of words', () => {
  expect(parseKeyword(' Pets / Rex ')).toEqual(['Pets', 'Rex']);
  for (const bad of [
    '',
    '/',
    'Rex/',
    'a|b',
    'a\nb',
    '\ud800',
    '\uffff',
    'x'.repeat(61),
    `${'a/'.repeat(11)}a`,
  ]) {
    expect(() => parseKeyword(bad), bad).toThrow(/^the keyword .* cannot be used; expected 1 to 60 letters/);
  }
});
