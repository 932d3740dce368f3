import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { ERROR_CODES } from '../../errors.ts';
import { MESSAGES, readMessage, tell } from '../../messages.ts';
import { en } from './en.ts';
import { chooseLanguage, language, locale, localeOf } from './language.ts';
import type { Key, Plural } from './message.ts';
import { date, decimal, duration, fill, isolate, list, number, say, size, translate } from './say.ts';
import { LANGUAGE_NAMES, type Language, WORDS } from './words.ts';

const pages = fileURLToPath(new URL('..', import.meta.url));
const keys = Object.keys(en) as Key[];
const languages = Object.keys(WORDS) as Language[];
const formsOf = (message: string | Plural): string[] =>
  typeof message === 'string' ? [message] : Object.values(message);
const placesOf = (text: string): string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!).sort();

afterEach(() => {
  language.value = 'en';
  locale.value = 'en';
});

describe.each(languages)('the words in %s', (code) => {
  it('are all there, none is left over, and none is empty', () => {
    expect(Object.keys(WORDS[code])).toEqual(keys);
    const empty = keys.filter((key) => formsOf(WORDS[code][key]).some((text) => text.trim() === ''));
    expect(empty.filter((key) => !key.startsWith('join.'))).toEqual([]);
  });

  it('have the places for values that English has, in every form', () => {
    const wanted = (key: Key) => placesOf(formsOf(en[key]).at(-1)!);
    const wrong = keys.filter((key) =>
      formsOf(WORDS[code][key]).some((text) => String(placesOf(text)) !== String(wanted(key))),
    );
    expect(wrong).toEqual([]);
  });

  it('have the plural forms that the language has, and no others', () => {
    const { pluralCategories } = new Intl.PluralRules(code).resolvedOptions();
    // "Many" in French and Spanish is of whole millions, written in words; with digits it is the form of the others.
    const wanted = pluralCategories.filter((category) => category !== 'many').sort();
    const plurals = keys.filter((key) => typeof en[key] !== 'string');
    const wrong = plurals.filter((key) => String(Object.keys(WORDS[code][key]).sort()) !== String(wanted));
    expect(wrong).toEqual([]);
  });

  it('have a name of the language, and a locale that the browser knows', () => {
    expect(LANGUAGE_NAMES[code]).toBeTruthy();
    expect(Intl.NumberFormat.supportedLocalesOf([code])).toEqual([code]);
  });
});

it('every message is used by a page, and every kind of refusal has one', async () => {
  const sources: string[] = [];
  for (const entry of await readdir(pages, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.tsx?$/.test(entry.name) || entry.parentPath.endsWith('words')) continue;
    sources.push(await readFile(join(entry.parentPath, entry.name), 'utf8'));
  }
  const text = sources.join('\n');
  // Three groups are chosen by a value whose kinds are the group's keys.
  const isUsed = (key: Key) =>
    key in MESSAGES || // said by polar itself: src/messages.test.ts
    (/^(error|left-out|relevance)\./.test(key)
      ? text.includes(`\`${key.split('.')[0]}.$\{`)
      : text.includes(`'${key}'`));
  expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  const codes = [...ERROR_CODES, 'refused', 'fault'].map((code) => `error.${code}`);
  expect(keys.filter((key) => key.startsWith('error.')).sort()).toEqual(codes.sort());
});

it('a message takes the form of its number, and numbers, dates and sizes are written as the language does', () => {
  expect(say('photos', { count: 1 })).toBe('1 photo');
  expect(say('photos', { count: 1234 })).toBe('1,234 photos');
  expect(decimal(0.5, 3)).toBe('0.500');
  expect(size(780_000)).toBe('780 kB');
  expect(date('2024-05-01T12:00:00Z', { dateStyle: 'long', timeZone: 'UTC' })).toBe('May 1, 2024');
  language.value = 'fr';
  locale.value = 'fr-FR';
  expect(say('photos', { count: 0 })).toBe('0 photo');
  expect(say('photos', { count: 2 })).toBe('2 photos');
  expect(size(4_200_000).replace(/\s/u, ' ')).toBe('4,2 Mo');
  language.value = 'de';
  locale.value = 'de-DE';
  expect(number(1234.5)).toBe('1.234,5');
  expect(duration(90, 'minute')).toBe('90 Min.');
  language.value = 'ja';
  locale.value = 'ja';
  expect(say('photos', { count: 1 })).toBe('写真 1 枚');
  expect(date('2024-05-01T12:00:00Z', { dateStyle: 'long', timeZone: 'UTC' })).toBe('2024年5月1日');
});

it('a sentence of polar is said in the language of the page, with its file, its numbers and a sentence inside it', () => {
  const empty = `/photos/a.jpg: ${tell('photo.empty')}`;
  const read = tell('job.read', { folder: 'Holiday', count: 1234, added: 1230, known: 4 });
  const busy = tell('job.busy', { label: tell('job.reading', { folder: 'Holiday' }) });
  expect(translate(readMessage(empty))).toBe(empty);
  language.value = 'de';
  locale.value = 'de';
  expect(translate(readMessage(empty))).toBe(
    '/photos/a.jpg: eine leere Datei, erwartet wird ein Bild; ersetzen Sie sie',
  );
  expect(translate(readMessage(read))).toBe('Holiday: 1.234 Fotos (1.230 neu, 4 bekannt)');
  expect(translate(readMessage(busy))).toMatch(/^„Holiday wird gelesen“ läuft noch;/);
  expect(translate(readMessage('a sentence of its own'))).toBe('a sentence of its own');
});

it('elements stand in the places of a message, and names in a row are joined as the language does', () => {
  expect(fill('learnt.find', { name: 'Rex' })).toEqual(['Find ', 'Rex', '']);
  expect(list(['Rex', 'Mimi', 'Bolt']).join('')).toBe('Rex, Mimi, and Bolt');
  language.value = 'zh';
  locale.value = 'zh';
  expect(list(['Rex', 'Mimi', 'Bolt']).join('')).toBe('Rex、Mimi和Bolt');
});

it('a name with braces stays as it is, and one from right to left leaves the words around it in their places', () => {
  expect(say('learnt.find', { name: '{name} $& {count}' })).toBe('Find {name} $& {count}');
  expect(say('learnt.find', { name: 'רקס' })).toBe('Find \u2068רקס\u2069');
  expect(isolate('Rex')).toBe('Rex');
  expect(isolate('قطة 2')).toBe('\u2068قطة 2\u2069');
});

it('the language is the one chosen before, else the first of the browser that there is, else English', () => {
  expect(chooseLanguage('ja', ['de-CH', 'fr'])).toBe('ja');
  expect(chooseLanguage(null, ['pt-BR', 'es-MX', 'en'])).toBe('es');
  expect(chooseLanguage(null, ['zh-Hant-TW'])).toBe('zh');
  expect(chooseLanguage(null, ['ar', 'he'])).toBe('en');
  for (const hostile of ['__proto__', 'toString', '', 'x'.repeat(100_000)]) {
    expect(chooseLanguage(hostile, ['DE'])).toBe('de');
  }
  expect(localeOf('en', ['de', 'en-GB', 'en'])).toBe('en-GB');
  expect(localeOf('fr', ['de'])).toBe('fr');
  expect(localeOf('en', ['en-US@posix', 'en-AU'])).toBe('en-AU');
});
