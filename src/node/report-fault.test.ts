import { stderr } from 'node:process';
import { expect, it, vi } from 'vitest';
import { reportFault } from './report-fault.ts';

it('shows where a fault happened, and nothing that a terminal obeys', () => {
  let shown = '';
  const write = vi.spyOn(stderr, 'write').mockImplementation((text) => {
    shown += String(text);
    return true;
  });
  reportFault(new Error('a\x1b[2Jb', { cause: 'c\x07\u202ed' }));
  write.mockRestore();
  expect(shown).toMatch(/^Error: a\?\[2Jb\n {4}at .*report-fault\.test\.ts/);
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
});
