import { basename, resolve } from 'node:path';
import { encode } from 'html-entities';
import { writeBeside } from '../../node/files.ts';
import { jpegUri, makeThumbnail } from '../../node/pixels/thumbnail.ts';
import type { Relevance } from '../../polar/query/relevance.ts';
import { minutesOf } from '../../words.ts';
import { isAddress } from '../remote/address.ts';
import { type RemotePhotos, withPictureOf } from '../remote/remote-photos.ts';
import type { FoundPhoto } from '../search.ts';

/** A page of search results. */
export interface ContactSheet {
  /** The sentence. */
  readonly title: string;
  /** A line below it. */
  readonly note: string;
  readonly photos: readonly SheetPhoto[];
  /** Where photos of other servers are read. */
  readonly remote?: RemotePhotos | undefined;
}

/** A result, and how sure it is where that is known. */
export type SheetPhoto = FoundPhoto & { readonly relevance?: Relevance };

// Sharp on a phone, and 100 of them are below 2 MB.
const THUMBNAIL = { width: 320, height: 320, fit: 'cover', format: 'jpeg', quality: 78 } as const;

/**
 * Writes search results as one self-contained page with small copies of the pictures, best first. The page
 * needs no network and can be sent to somebody.
 */
export async function writeContactSheet(file: string, sheet: ContactSheet): Promise<void> {
  const { photos, ...rest } = sheet;
  const group = photos.map(({ path, at, score, relevance }) => ({
    path,
    at,
    label: at === null ? score.toFixed(3) : `${score.toFixed(3)} at ${minutesOf(at)}`,
    mark: relevance,
  }));
  await writeGroupSheet(file, { ...rest, groups: [group] });
}

/** A page of groups of photos. */
export interface GroupSheet extends Omit<ContactSheet, 'photos'> {
  readonly groups: readonly (readonly LabelledPhoto[])[];
}

/** A photo with the words below it. */
export interface LabelledPhoto {
  readonly path: string;
  /** Of a video, seconds from its start. */
  readonly at?: number | null;
  readonly label: string;
  readonly mark?: Relevance | undefined;
}

/** As `writeContactSheet`, for groups of photos, each with its own ranks. */
export async function writeGroupSheet(file: string, sheet: GroupSheet): Promise<void> {
  const sections: string[] = [];
  for (const group of sheet.groups) {
    const figures: string[] = [];
    for (const [index, photo] of group.entries()) figures.push(await figure(photo, index + 1, sheet.remote));
    sections.push(`<div class="group">\n${figures.join('\n')}\n</div>`);
  }
  await writeBeside(resolve(file), page(sheet, sections));
}

async function figure(photo: LabelledPhoto, rank: number, remote?: RemotePhotos): Promise<string> {
  const name = encode(basename(photo.path));
  // A photo that has gone since it was indexed leaves an empty frame, and the rest of the page stands.
  const thumbnail = await jpegUri(
    withPictureOf(photo.path, photo.at ?? null, remote, ({ bytes }) =>
      makeThumbnail({ name: photo.path, bytes }, THUMBNAIL),
    ),
  );
  const image =
    thumbnail === undefined
      ? '<div class="gone">photo not found</div>'
      : `<img src="${thumbnail}" alt="${name}">`;
  const picture = isAddress(photo.path) ? `<a href="${encode(photo.path)}">${image}</a>` : image;
  const mark = photo.mark === undefined ? '' : ` class="${photo.mark}"`;
  return `<figure${mark}>${picture}<figcaption><b>${rank}</b><span title="${encode(photo.path)}">${name}</span><i>${encode(photo.label)}</i></figcaption></figure>`;
}

function page({ title, note }: GroupSheet, sections: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${encode(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #1c1d21; --soft: #62656d; --paper: #fafaf8; --card: #fff; --line: #e4e3de; --mark: #b4512b; }
@media (prefers-color-scheme: dark) { :root { --ink: #ececea; --soft: #a0a3ab; --paper: #17181b; --card: #212327; --line: #33363c; --mark: #f0a37f; } }
body { margin: 0; padding: clamp(16px, 4vw, 48px); background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: clamp(22px, 4vw, 34px); line-height: 1.2; font-weight: 650; overflow-wrap: anywhere; }
p { margin: 6px 0 24px; color: var(--soft); }
.group + .group { margin-top: 28px; }
.group { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 150px), 1fr)); }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
img, .gone { display: block; width: 100%; aspect-ratio: 1; object-fit: cover; }
figure.weak { opacity: .55; }
figure.strong { border-color: var(--mark); }
.gone { display: grid; place-items: center; color: var(--soft); background: var(--line); }
figcaption { display: flex; gap: 8px; padding: 8px 10px; font-size: 13px; align-items: baseline; }
figcaption b { color: var(--mark); }
figcaption span { flex: 1; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
figcaption i { font-style: normal; font-variant-numeric: tabular-nums; color: var(--soft); }
</style>
<h1>${encode(title)}</h1>
<p>${encode(note)}</p>
<main>
${sections.join('\n')}
</main>
</html>
`;
}
