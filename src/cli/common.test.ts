import { InvalidArgumentError } from 'commander';
import { expect, it } from 'vitest';
import { day, folderPattern, place } from './common.ts';

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

it('a place is three numbers that can be, and nothing else', () => {
  expect(place('48.1, 11.6, 5km')).toEqual({ latitude: 48.1, longitude: 11.6, kilometres: 5 });
  expect(place('-33.8,151.2,0.5')).toEqual({ latitude: -33.8, longitude: 151.2, kilometres: 0.5 });
  for (const bad of [
    '',
    'Munich',
    '48.1,11.6',
    '48.1,11.6,0',
    '91,0,5',
    '0,181,5',
    '1,2,3,4',
    '1,,3',
    '1,2,x',
  ]) {
    expect(() => place(bad), bad).toThrow(/expected latitude, longitude and kilometres/);
  }
});
