import { expect, it } from 'vitest';
import { timeLeft } from './time-left.ts';

it('the time left of long work is told in seconds, minutes or hours, and not before it can be known', () => {
  expect(timeLeft(10, 90, 1)).toBe('');
  expect(timeLeft(0, 90, 10)).toBe('');
  expect(timeLeft(10, 0, 10)).toBe('');
  expect(timeLeft(10, 30, 10)).toBe('30 sec left');
  expect(timeLeft(10, 300, 10)).toBe('5 min left');
  expect(timeLeft(10, 7200, 10)).toBe('2 hr left');
});
