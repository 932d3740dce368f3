import { DOMParser, type Document, type Element, XMLSerializer } from '@xmldom/xmldom';
import { PolarError } from '../../errors.ts';

const RDF = 'http://www.w3.org/1999/02/22-rdf-syntax-ns#';

/** A property of XMP that holds a list. */
export interface ListProperty {
  readonly namespace: string;
  /** With the prefix that is usual: `dc:subject`. */
  readonly name: string;
  /** Whether the order of its values means something. */
  readonly container: 'Bag' | 'Seq';
}

const EMPTY = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="${RDF}">
  <rdf:Description rdf:about=""/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>
`;

/** XMP as a tree. What is not asked for stays as it is, comments and white space too. */
export class XmpDocument {
  readonly #document: Document;
  readonly #descriptions: readonly Element[];

  /** White space after the last tag, which a tree does not hold. */
  readonly #end: string;

  private constructor(document: Document, end: string) {
    this.#document = document;
    this.#end = end;
    const [rdf] = Array.from(document.getElementsByTagNameNS(RDF, 'RDF'));
    this.#descriptions = rdf === undefined ? [] : childrenOf(rdf, RDF, 'Description');
    if (this.#descriptions.length === 0)
      throw new PolarError('no XMP: it has no rdf:Description', 'unreadable');
  }

  static empty(): XmpDocument {
    return XmpDocument.parse(EMPTY);
  }

  /**
   * Entities are never expanded: a document that declares a type is refused.
   *
   * @throws PolarError when it is no XMP
   */
  static parse(text: string): XmpDocument {
    if (/<!DOCTYPE/i.test(text)) throw new PolarError('no XMP: it declares a document type', 'unreadable');
    requireModest(text, '<', MAX_TAGS);
    requireModest(text, 'xmlns', MAX_NAMESPACES);
    const parser = new DOMParser({
      locator: false,
      onError: (level, message) => {
        if (level !== 'warning') throw new Error(message);
      },
    });
    try {
      return new XmpDocument(
        parser.parseFromString(text, 'application/xml'),
        text.slice(text.trimEnd().length),
      );
    } catch (error) {
      if (error instanceof PolarError) throw error;
      throw new PolarError(`damaged XML (${(error as Error).message.slice(0, MAX_REASON)})`, 'unreadable');
    }
  }

  /** The values of a list; none where it is not there. */
  values(property: ListProperty): string[] {
    return this.#items(property).map((item) => (item.textContent ?? '').trim());
  }

  has({ namespace, name }: ListProperty): boolean {
    const local = localName(name);
    return this.#descriptions.some(
      (description) =>
        childrenOf(description, namespace, local).length > 0 || description.hasAttributeNS(namespace, local),
    );
  }

  /**
   * Adds a value at the end of a list, which is made where there is none.
   *
   * @throws PolarError when the property is there and is no list
   */
  add(property: ListProperty, value: string): void {
    const item = this.#document.createElementNS(RDF, 'rdf:li');
    item.appendChild(this.#document.createTextNode(value));
    this.#container(property).appendChild(item);
  }

  /** Removes the last of the items of a list with this value. */
  remove(property: ListProperty, value: string): void {
    const item = this.#items(property).findLast((item) => (item.textContent ?? '').trim() === value);
    item?.parentNode?.removeChild(item);
  }

  /** Removes a list that has no values. */
  removeEmpty(property: ListProperty): void {
    if (this.values(property).length > 0) return;
    for (const description of this.#descriptions) {
      for (const element of childrenOf(description, property.namespace, localName(property.name))) {
        description.removeChild(element);
      }
    }
  }

  /** The text of a property that holds one, written as an element or an attribute. */
  text(namespace: string, local: string): string | undefined {
    for (const description of this.#descriptions) {
      const [element] = childrenOf(description, namespace, local);
      const text = element?.textContent ?? description.getAttributeNS(namespace, local);
      if (text) return text.trim();
    }
    return undefined;
  }

  /** Whether it says nothing at all. */
  get isEmpty(): boolean {
    return this.#descriptions.every(
      (description) =>
        childrenOf(description).length === 0 &&
        Array.from(description.attributes).every(
          ({ namespaceURI, name }) => namespaceURI === RDF || name.startsWith('xmlns'),
        ),
    );
  }

  toString(): string {
    return new XMLSerializer().serializeToString(this.#document) + this.#end;
  }

  #items({ namespace, name }: ListProperty): Element[] {
    return this.#descriptions
      .flatMap((description) => childrenOf(description, namespace, localName(name)))
      .flatMap((element) => childrenOf(element))
      .flatMap((container) => childrenOf(container, RDF, 'li'));
  }

  #container(property: ListProperty): Element {
    const { namespace, name, container } = property;
    for (const description of this.#descriptions) {
      for (const element of childrenOf(description, namespace, localName(name))) {
        const list = childrenOf(element, RDF).find(({ localName }) => LISTS.has(localName ?? ''));
        if (list !== undefined) return list;
      }
    }
    if (this.has(property))
      throw new PolarError(`${name} is there and is no list; mend it first`, 'unreadable');
    const list = this.#document.createElementNS(RDF, `rdf:${container}`);
    const element = this.#document.createElementNS(namespace, name);
    element.appendChild(list);
    this.#descriptions[0]!.appendChild(element);
    return list;
  }
}

const MAX_REASON = 200;
// The parser takes a second for so many; with namespaces its time grows with their square.
const MAX_TAGS = 50_000;
const MAX_NAMESPACES = 2000;

/** @throws PolarError when a text holds a word more often than any sidecar does */
function requireModest(text: string, word: string, most: number): void {
  let found = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found++;
  if (found <= most) return;
  throw new PolarError(`${found} times ${word}, more than the ${most} of a sidecar`, 'too-large');
}

const LISTS: ReadonlySet<string> = new Set(['Bag', 'Seq', 'Alt']);

const localName = (name: string): string => name.slice(name.indexOf(':') + 1);

function childrenOf(parent: Element, namespace?: string, local?: string): Element[] {
  return Array.from(parent.childNodes).filter(
    (node): node is Element =>
      node.nodeType === node.ELEMENT_NODE &&
      (namespace === undefined || (node as Element).namespaceURI === namespace) &&
      (local === undefined || (node as Element).localName === local),
  );
}
