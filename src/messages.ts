/**
 * The sentences that the pages say in their own language: of each its code and its English, with `{name}` for a value
 * and, where the form depends on a number, a form for one and for others, chosen by `{count}`. What polar says is
 * written from here (`tell`) and read back by whoever passes it on to a page (`readMessage`): so a sentence carries its
 * code through errors, files and indexes as plain text. Sentences that are not here stay English everywhere.
 */
export const MESSAGES = {
  'job.reading': 'Reading {folder}',
  'job.drawing': 'Drawing the Toybox',
  'job.reading-toybox': 'Reading the Toybox',
  'job.downloading': 'Downloading {model}',
  'job.reading-again': 'Reading your photos with {model}',
  'job.reading-again-of': 'Reading your photos with {model} (folder {index} of {total})',
  'job.read': {
    one: '{folder}: {count} photo ({added} new, {known} known)',
    other: '{folder}: {count} photos ({added} new, {known} known)',
  },
  'job.gone': '{number} gone',
  'job.skipped': '{number} passed over',
  'job.answers': {
    one: '{model} answers now, from {count} photo',
    other: '{model} answers now, from {count} photos',
  },
  'job.stopped': 'Stopped; what was done is kept.',
  'job.busy': '{label} is still going on; wait, or stop it first',
  'job.lock': 'another "polar index" is writing here; wait until it is done',

  'hint.near': '{a} and {b} are nearly the same picture; another one would teach more',
  'hint.unlike':
    '{photo} looks unlike the other photos; does it show the same thing? A part of it may do better',
  'note.word': '"{word}" is read as a word; write {name} for the learnt thing',
  'note.near': '"{word}" is not a learnt thing; did you mean {name}?',
  'note.unknown': 'no learnt thing is called "{word}"',
  'note.absent':
    'probably not in these photos: none stands out as those do that {name} was learnt from; the nearest follow',
  'note.cut': 'the end of the sentence was not read: this model takes {tokens} tokens; shorten it',
  'note.english':
    'this model reads English; for other languages use one of many languages, such as {model} (polar models)',
  'search.nothing': 'nothing to search for; say what the photo shows, or give a photo that it is like',

  'concept.taken':
    'there is a concept "{name}" already; choose another name, learn it again (--force) or further (--add), or remove it first',
  'concept.none-to-add': 'there is no concept "{name}" to add photos to; learn it first',
  'concept.none': 'no concept "{name}"',
  'concept.name':
    'the name {name} cannot be used; expected letters and digits (spaces, dots, apostrophes, _ and hyphens inside), at most {most}',
  'concept.class': 'the class {name} cannot be used; expected one or two words, at most {most} characters',
  'concept.learnt-with':
    'the concept "{name}" was learnt with {learnt}, the model in use is {used}; use --model {model}, or learn it again with this model',
  'concept.older-state':
    'the concept "{name}" was learnt with {learnt}, the model in use is {used}; learn it again with this state of the model',
  'concept.other-size':
    'the concept "{name}" does not fit the model {model} ({why}); learn it again with this model',
  'concept.no-features': '"{name}" came without its photos\' features; learn it again from all its photos',
  'concept.file-large': 'more than {megabytes} MB; a concept is far smaller',
  'concept.no-file': 'no file in the request; expected "adapter"',
  'concept.no-zip': 'not a zip file that can be read; choose a downloaded concept',
  'concept.unpacks': 'unpacks to more than {megabytes} MB; a concept is far smaller, choose a downloaded one',
  'concept.no-adapter': 'missing; expected a PEFT adapter folder',
  'concept.damaged': 'a damaged concept ({why}); learn it again, or get a sound copy of it',
  'concept.foreign': 'an adapter of another kind ({why}); choose a concept, or a plain LoRA of rank one',
  'concept.none-deleted': 'nothing to bring back: what was deleted is kept for 30 days',
  'learn.few': {
    one: '"{name}": {count} photo, expected at least {fewest}; give about five photos that show the thing in different places',
    other:
      '"{name}": {count} photos, expected at least {fewest}; give about five photos that show the thing in different places',
  },
  'learn.few-readable': {
    one: '"{name}": {count} photo of {given} that can be read, expected at least {fewest}; give about five photos that show the thing in different places',
    other:
      '"{name}": {count} photos of {given} that can be read, expected at least {fewest}; give about five photos that show the thing in different places',
  },
  'learn.many': '"{name}": {photos} photos, more than the {most} that a concept keeps; give fewer',

  'photo.no-id': 'no photo has this id',
  'photo.gone': 'the photo is gone or cannot be read',
  'photo.empty': 'an empty file, expected a picture; replace it',
  'photo.none': 'not a picture that can be read ({why}); expected {formats}',
  'photo.format': 'a picture in the format {format}, which is not read; expected {formats}',
  'photo.damaged': 'a damaged picture ({why}); replace it with an intact copy',
  'photo.raw': 'a RAW photo without a JPEG inside; export it as JPEG',
  'photo.memory':
    '{width} x {height} pixels, which take {needed} GB of memory to decode, more than the {most} GB allowed on this machine; make it smaller',
  'photo.too-little-memory': 'too little memory to decode it now ({why}); close other programs',
  'photo.slow': 'takes longer than {limit} minutes to decode; make it smaller',
  'photo.large': '{found} MB, more than the limit of {most} MB; make it smaller',
  'photo.over-limit': 'more than the limit of {most} MB; make it smaller',
  'photo.many-bytes': 'more than {most} MB at once; bring in fewer photos',
  'photo.no-pictures': 'no pictures in the request; expected files named "photos"',
  'photo.is-video': 'a video, expected a photo; choose a photo',
  'photo.channels':
    '{found} channels, expected {wanted} of a {kind} picture; save it as an ordinary JPEG or PNG',
  'video.gone': 'the video is gone or cannot be read',
  'video.none': 'no moving picture in it, expected a video; replace it',
  'video.no-picture': 'no picture in it, expected a video; replace it',
  'video.damaged': 'a damaged video, or none that can be read ({why}); replace it',
  'video.damaged-at': 'a damaged video (no picture at {time} s)',
  'file.changing': 'is being changed while it is read; index again when that is done',
  'file.changed': 'has changed since it was indexed; run polar index, then this again',
  'file.irregular': 'not a regular file, expected a picture',
  'file.slow': 'was not read within {minutes} minutes; is its disk still there?',
  'file.through-link': 'a link, or reached through one, which is not followed; index again',
  'file.missing': 'no such file; check the path',
  'file.link': 'a link, which is not followed',
  'file.long-path': 'its path is longer than the system can open; shorten the names of its folders',
  'file.permission': 'cannot be read ({code}); check its permissions',
  'file.cannot-write':
    'cannot be written ({why}); check that the folder may be written to and the disk is not full',
  'file.lock-lost':
    'the lock was removed or taken over while the work went on; what was written is kept, run it again',
  'file.things': 'damaged, expected JSON; delete it, the photos themselves are not in it',
  'file.safetensors': 'not a sound safetensors file ({why}); download or export it again',
  'file.disk': 'cannot be read ({code}); is its disk in order, and still there?',
  'file.away': 'its disk went away while it was read; run the command again when it is back',
  'file.name': 'its name is not UTF-8, so it cannot be indexed; rename it',
  'file.immich': 'lies in immich, not on this machine; polar immich album puts it into an album there',

  'folder.missing': 'no such folder; check the path',
  'folder.unknown': 'not in the index; "polar folders" lists the folders that are',
  'folder.whole-path': 'expected a whole path, for example {example}',
  'folder.closed': 'cannot be opened ({code}); expected a folder that may be read',
  'folder.file': 'a file, expected a folder of photos',
  'folder.empty': 'no photos found; expected {formats}',
  'folder.others': 'no photos found (there is: {others}); expected {formats}',
  'folder.vanished':
    'the folder has vanished while it was indexed; what was done is kept, run the command again when it is back',
  'folder.no-manager': 'no file manager opened it',
  'folder.many': 'the photos lie in {folders} folders, and at most {most} are shown at once; select fewer',
  'folder.visitor': 'folders are shown only to a visitor at this machine',
  'index.cannot-open': 'cannot be opened ({why}); check the address and the credentials',
  'index.full':
    'the index cannot be written: no space left on its disk; make room and run the command again, what was done before is kept',
  'index.cannot-write':
    'the index cannot be written ({why}); check that its folder may be written to; what was done before is kept',
  'index.contended':
    'the index cannot be written, other processes change it all the time ({why}); run the command again',
  'select.unreadable': 'none of the photos can be read; the first: {reason}',
  'select.gone': 'this file is not kept any more; make it again',
  'select.large':
    '{photos} photos of {gigabytes} GB, more than a zip archive holds ({most} of 4 GB together); take fewer, or export into a folder',
  'select.changed': '{reason}; the archive was not written, run this again',
  'album.none': 'no album of this name; "polar albums" lists them',
  'album.none-removed': 'none of the last {most} albums that were removed has this name',
  'album.taken': 'an album of this name is there already; choose another name, or remove that one first',
  'album.many': '{most} albums are there already; remove some first',
  'album.place': 'asks for a place, which the app cannot; use polar albums show on the command line',
  'album.file': 'damaged, expected saved searches; repair it, or delete it to begin anew',

  'model.toybox': 'drawings: to try everything at once',
  'model.photos': 'recommended for photos',
  'model.slow-machine': 'large libraries on a slow machine',
  'model.small': 'the small download',
  'model.gpu': 'English, with a GPU or patience',
  'model.many': 'many languages, with a GPU; not for commercial use',
  'model.paper': "the paper's benchmarks",
  'model.stays': 'Toybox ships with polar and stays',
  'model.used': '{model} is in use; choose another model first',
  'model.cannot-load': 'ONNX Runtime cannot load the model ({why}); download the model again',
  'model.not-cached': 'no such model in the cache {folder}; polar models lists what is there',
  'hub.unreachable':
    'the hub cannot be reached ({why}); check the connection, or use a model that is in the cache ("polar models")',
  'hub.failed':
    'the download failed {times} times ({why}); check the connection and try again, what is there is kept',
  'hub.refuses':
    'the hub refuses access ({status}); set HF_TOKEN to a token that may read this model, and accept its terms on its page',
  'hub.none': "not found (404); check the model's name and revision, or set HF_TOKEN if it is private",
  'hub.waits': 'the hub asks to wait (429); try again later, what is there is kept',
  'hub.status': 'the hub answered {status}; try again later, what is there is kept',
  'hub.offline':
    'not in the cache {folder}, and HF_HUB_OFFLINE forbids to fetch it; run "polar models download {model}" where there is a network, with HF_HUB_CACHE on a folder that you can bring here',
  'hub.proxy':
    'the proxy {address}: expected an address such as http://proxy:3128; correct HTTPS_PROXY, HTTP_PROXY or ALL_PROXY',
  'hub.no-hash': 'the hub gives no hash to check the file by; try again later',
  'immich.unreachable': 'immich cannot be reached ({why}); check the address and whether it runs',
  'immich.no-json': '{path} answered with no JSON; is it the address of an immich server?',
  'immich.strange': '{path} answered with something unknown ({why}); polar was written for immich 2 and 3',
  'immich.cut-off': '{path} was cut off ({why}); try again',
  'immich.large': '{path} answered with more than {most} MB',
  'immich.moved': 'leads on to {address}; connect to that address: polar immich connect',
  'immich.key':
    'the API key is not known there{why}; make one under Account Settings > API Keys, then: polar immich connect {address}',
  'immich.key-may-not':
    'the API key may not do this{why}; give it the permissions {permissions} under Account Settings > API Keys',
  'immich.status': '{path} answered {status} ({why})',
  'immich.not-connected': 'no immich server is connected; run "polar immich connect <url>" first',
  'immich.other-server':
    'another immich server is connected, {address}; connect to that one again, or take its photos out: polar index --forget {server}',
  'immich.not-its-photo': 'not a photo of {address}, which is connected',
  'immich.no-photo': "no such photo, or not the key's to see",

  'server.fault': 'something went wrong; the terminal says more',
  'server.broken-off': 'the request was broken off',
  'server.form': 'the form is broken off or damaged; send it again',
  'server.many': 'more than {limit} at once',
  'server.not-connected': 'its server is not connected',
  'server.unknown':
    'no photos of this server are indexed; index them first, for example with "polar index immich:"',
  'server.long': 'longer than {most} characters; shorten it',
  'server.other-site': 'requests from other web sites are refused',
  'server.open': 'open the address that polar serve has printed in the terminal',
  'server.opened': 'this address was used already; the terminal shows the next one',
} as const;

/** Name of a sentence that the pages can translate. */
export type MessageCode = keyof typeof MESSAGES;

/** Forms of a message by the plural categories of its language; those without a form of their own take `other`. */
export type Plural = { readonly other: string } & Partial<Readonly<Record<Intl.LDMLPluralRule, string>>>;

type Forms<M> = M extends string ? M : M[keyof M];
type Places<S> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Places<Rest> : never;

/** Names of the values that a message has places for. */
export type PlacesOf<M> = Places<Forms<M>> | (M extends string ? never : 'count');

type Values<C extends MessageCode> = {
  readonly [N in PlacesOf<(typeof MESSAGES)[C]>]: N extends 'count' ? number : string | number;
};
type Rest<C extends MessageCode> = [PlacesOf<(typeof MESSAGES)[C]>] extends [never]
  ? []
  : [values: Values<C>];

/** A sentence in English, and what a page needs to say it in another language. */
export interface Message {
  /** English, whole. */
  readonly text: string;
  /** Which sentence it is; null where the pages have none for it. */
  readonly code: MessageCode | null;
  /** What stands in its places. */
  readonly values: Readonly<Record<string, string | number>>;
  /** The file, folder or address that it is about, which the text begins with; null where there is none. */
  readonly about: string | null;
}

/** A sentence in English. */
export function tell<C extends MessageCode>(code: C, ...[values]: Rest<C>): string {
  const message: string | Plural = MESSAGES[code];
  const given = (values ?? {}) as Readonly<Record<string, string | number>>;
  const text = typeof message === 'string' ? message : message[given.count === 1 ? 'one' : 'other']!;
  return text.replace(PLACE, (_, name: string) => written(given[name]!));
}

const PLACE = /\{(\w+)\}/g;

const written = (value: string | number): string =>
  typeof value === 'number' ? value.toLocaleString('en') : value;

/** Reads a sentence back: which it is, and its values. "{file}: {sentence}" is about the file. */
export function readMessage(text: string): Message {
  const whole = readWhole(text);
  if (whole !== undefined) return { text, ...whole, about: null };
  for (let at = text.indexOf(': '), tries = 0; at > 0 && tries < MOST_COLONS; tries++) {
    const found = readWhole(text.slice(at + 2));
    if (found !== undefined) return { text, ...found, about: text.slice(0, at) };
    at = text.indexOf(': ', at + 1);
  }
  return { text, code: null, values: {}, about: null };
}

// Of a hostile name; each costs a look at every sentence.
const MOST_COLONS = 8;

type Found = Pick<Message, 'values'> & { readonly code: MessageCode };

function readWhole(text: string): Found | undefined {
  for (const { code, parts, isPlural } of forms()) {
    const values = matchParts(text, parts);
    if (values === undefined) continue;
    return {
      code,
      values: isPlural ? { ...values, count: Number(values.count!.replaceAll(',', '')) } : values,
    };
  }
  return undefined;
}

interface Form {
  readonly code: MessageCode;
  /** Texts and names of places in turn. */
  readonly parts: readonly string[];
  readonly isPlural: boolean;
}

let allForms: readonly Form[] | undefined;

/** Those without places first, then by the length of their own words: the more a sentence says itself, the surer it is meant. */
function forms(): readonly Form[] {
  allForms ??= (Object.entries(MESSAGES) as [MessageCode, string | Plural][])
    .flatMap(([code, message]) =>
      (typeof message === 'string' ? [message] : Object.values(message)).map((text) => ({
        code,
        parts: text.split(PLACE),
        isPlural: typeof message !== 'string',
      })),
    )
    .sort((a, b) => wordsOf(b).length - wordsOf(a).length);
  return allForms;
}

const wordsOf = ({ parts }: Form): string => parts.filter((_, index) => index % 2 === 0).join('');

/** The values in a text's places, in one pass without going back: a hostile text takes no longer than any other. */
function matchParts(text: string, parts: readonly string[]): Record<string, string> | undefined {
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (parts.length === 1) return text === first ? {} : undefined;
  if (!text.startsWith(first) || !text.endsWith(last)) return undefined;
  const values: Record<string, string> = {};
  const end = text.length - last.length;
  let from = first.length;
  for (let index = 1; index < parts.length; index += 2) {
    const isLast = index === parts.length - 2;
    const at = isLast ? end : text.indexOf(parts[index + 1]!, from);
    if (at < from || at > end) return undefined;
    values[parts[index]!] = text.slice(from, at);
    from = at + parts[index + 1]!.length;
  }
  return values;
}
