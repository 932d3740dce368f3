import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

it('what the sources import from outside of src is in the build context', () => {
  const lets = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[])
    .filter((file) => /\.tsx?$/.test(file))
    .map((file) => join('src', file));
  const missing = sources
    .filter((file) => !/\.test\.|\.fixture\./.test(file))
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/^import .* from '(\.[^']+)'/gm)].map(([, path]) =>
        relative(root, join(root, dirname(file), path!)),
      ),
    )
    .filter((path) => !lets.some((one) => path === one || path.startsWith(`${one}/`)));
  expect(sources.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});
