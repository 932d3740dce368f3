import { expect, it } from 'vitest';
import { yearsOf } from './years.tsx';

it('each year of the months begins with its first one in the wall', () => {
  const months = ['2024-12', '2024-02', '2023-07', '2001-01'].map((month) => ({ month }));
  expect(yearsOf(months)).toEqual([
    { year: '2024', group: 0 },
    { year: '2023', group: 2 },
    { year: '2001', group: 3 },
  ]);
  expect(yearsOf([])).toEqual([]);
});
