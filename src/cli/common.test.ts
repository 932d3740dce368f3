import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { day, folderPattern } from './common.ts';

it('a day is one that exists', () => {
  expect(day('2024-02-29')).toBe(Date.UTC(2024, 1, 29));
  for (const text of [
    '2023-02-29',
    '2024-02-30',
    '2024-13-01',
    '2024-00-10',
    '2024-5-1',
    'May',
    '',
    '20240501',
  ]) {
    expect(() => day(text), text).toThrow(InvalidArgumentError);
  }
});

it('a folder to pass over has a name, not a path', () => {
  expect(folderPattern('backup*', ['old'])).toEqual(['old', 'backup*']);
  for (const text of ['', ' ', '/home/me/old', 'a\\b']) {
    expect(() => folderPattern(text), text).toThrow(InvalidArgumentError);
  }
});
