import { describe, expect, it } from 'vitest';
import { notesOf } from './notes.ts';

const CHANGELOG = `# Changelog

## 0.2.0 (2027-01-01)

- Second.

## 0.2.0-beta

## 0.1.0

- First.
`;

describe('release notes', () => {
  it('the notes of a release are the lines under the heading of the version, whatever else the heading says', () => {
    expect(notesOf(CHANGELOG, '0.2.0')).toBe('- Second.\n');
    expect(notesOf(CHANGELOG, '0.1.0')).toBe('- First.\n');
  });

  it('the notes of a release are missing in one line where the changelog says nothing about the version', () => {
    const words = (version: string) => `CHANGELOG.md: found nothing under "## ${version}"`;
    expect(() => notesOf(CHANGELOG, '0.2.0-beta')).toThrow(words('0.2.0-beta'));
    expect(() => notesOf(CHANGELOG, '0.3.0')).toThrow(words('0.3.0'));
  });
});
