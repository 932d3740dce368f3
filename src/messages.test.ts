import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MESSAGES, type MessageCode, readMessage, tell } from './messages.ts';

const codes = Object.keys(MESSAGES) as MessageCode[];
const write = tell as (code: MessageCode, values: Record<string, string | number>) => string;

/** Values for all places of a message; `count` in each form. */
function samples(code: MessageCode, value: (place: string) => string): Record<string, string | number>[] {
  const message = MESSAGES[code];
  const texts = typeof message === 'string' ? [message] : Object.values(message);
  const places = [
    ...new Set(texts.flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!))),
  ];
  const plain = Object.fromEntries(places.map((place) => [place, value(place)]));
  return typeof message === 'string' ? [plain] : [1, 12_345].map((count) => ({ ...plain, count }));
}

describe.each(codes)('the message %s', (code) => {
  it('is read back with its values, alone and behind the file that it is about', () => {
    for (const values of samples(code, (place) => `some ${place}`)) {
      const text = write(code, values);
      expect(text).not.toMatch(/[{}]/);
      expect(readMessage(text)).toEqual({ text, code, values, about: null });
      const named = `/photos/a: b.jpg: ${text}`;
      const isWhole = MESSAGES[code].toString().startsWith('{') || typeof MESSAGES[code] !== 'string';
      if (!isWhole)
        expect(readMessage(named)).toEqual({ text: named, code, values, about: '/photos/a: b.jpg' });
    }
  });

  it('is read back as itself whatever its values hold', () => {
    for (const hostile of ['', '{name} $&', '"; (', '写真: рыба', 'x'.repeat(3000)]) {
      for (const values of samples(code, () => hostile)) {
        expect(readMessage(write(code, values)).code).toBe(code);
      }
    }
  });
});

it('a sentence that is not among them stays English, without a code', () => {
  for (const text of ['', ': ', 'a sentence of its own', 'x: a sentence of its own', ': '.repeat(2000)]) {
    expect(readMessage(text)).toEqual({ text, code: null, values: {}, about: null });
  }
});

it('every message is said somewhere', async () => {
  const root = fileURLToPath(new URL('.', import.meta.url));
  let sources = '';
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const isSource =
      entry.isFile() && /\.tsx?$/.test(entry.name) && !/\.test\.|^messages\.ts/.test(entry.name);
    if (isSource && !entry.parentPath.includes('words'))
      sources += await readFile(join(entry.parentPath, entry.name), 'utf8');
  }
  expect(codes.filter((code) => !sources.includes(`'${code}'`))).toEqual([]);
});
