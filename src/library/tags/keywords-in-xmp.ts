import type { Keyword } from './keyword.ts';
import type { ListProperty, XmpDocument } from './xmp-document.ts';

const SUBJECT: ListProperty = {
  namespace: 'http://purl.org/dc/elements/1.1/',
  name: 'dc:subject',
  container: 'Bag',
};
const TAGS_LIST: ListProperty = {
  namespace: 'http://www.digikam.org/ns/1.0/',
  name: 'digiKam:TagsList',
  container: 'Seq',
};
const HIERARCHICAL: ListProperty = {
  namespace: 'http://ns.adobe.com/lightroom/1.0/',
  name: 'lr:hierarchicalSubject',
  container: 'Bag',
};
/** What polar wrote: `dc:subject=Rex` for a value, `dc:subject` for a list, `sidecar` for the file. */
const RECORD: ListProperty = {
  namespace: 'https://github.com/polar-vl/polar-vl/ns/tags/1.0/',
  name: 'polarTags:Wrote',
  container: 'Bag',
};
const SIDECAR = 'sidecar';

/** Where a keyword stands, and as which value. */
function placesOf(keyword: Keyword): readonly (readonly [ListProperty, string])[] {
  return [
    [SUBJECT, keyword.at(-1)!],
    [TAGS_LIST, keyword.join('/')],
    [HIERARCHICAL, keyword.join('|')],
  ];
}

/**
 * Adds a keyword to XMP, in the properties that picture programs read (`dc:subject`, digiKam's and Lightroom's), and
 * keeps in the XMP itself which of them it wrote.
 *
 * @param isNew whether the XMP is made for it
 * @returns false where it was there already
 */
export function addKeyword(xmp: XmpDocument, keyword: Keyword, isNew: boolean): boolean {
  const wanted = placesOf(keyword).filter(([property, value]) => !xmp.values(property).includes(value));
  if (wanted.length === 0) return false;
  const wrote = isNew ? [SIDECAR] : [];
  for (const [property, value] of wanted) {
    if (!xmp.has(property)) wrote.push(property.name);
    xmp.add(property, value);
    wrote.push(`${property.name}=${value}`);
  }
  for (const entry of wrote) xmp.add(RECORD, entry);
  return true;
}

/**
 * Takes out of XMP what `addKeyword` wrote for a keyword, and nothing else: what was there before, or what another
 * program wrote since, stays.
 *
 * @returns `unchanged` where it wrote nothing; `empty` where nothing is left of a file that it made
 */
export function removeKeyword(xmp: XmpDocument, keyword: Keyword): 'unchanged' | 'changed' | 'empty' {
  const record = xmp.values(RECORD);
  const written = placesOf(keyword).filter(([{ name }, value]) => record.includes(`${name}=${value}`));
  if (written.length === 0) return 'unchanged';
  for (const [property, value] of written) {
    xmp.remove(property, value);
    xmp.remove(RECORD, `${property.name}=${value}`);
    if (!record.includes(property.name) || xmp.values(property).length > 0) continue;
    xmp.removeEmpty(property);
    xmp.remove(RECORD, property.name);
  }
  const rest = xmp.values(RECORD).filter((entry) => entry !== SIDECAR);
  if (rest.some((entry) => entry.includes('='))) return 'changed';
  for (const entry of xmp.values(RECORD)) xmp.remove(RECORD, entry);
  xmp.removeEmpty(RECORD);
  return record.includes(SIDECAR) && xmp.isEmpty ? 'empty' : 'changed';
}
