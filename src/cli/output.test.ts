import { stderr, stdout } from 'node:process';
import { afterEach, expect, it, vi } from 'vitest';

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  vi.resetModules();
});

it('a line of words above a bar stays, whatever the bar does afterwards', async () => {
  let written = '';
  vi.spyOn(stderr, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  const wasTerminal = stderr.isTTY;
  stderr.isTTY = true;
  try {
    const { progress } = await import('./progress.ts');
    const bar = progress('Learning', 'steps');
    for (let step = 1; step <= 4; step++) {
      bar.update(step, 4);
      if (step % 2 === 0) bar.note(`step ${step}`);
    }
    bar.stop();
  } finally {
    stderr.isTTY = wasTerminal;
  }
  for (const line of ['step 2\n', 'step 4\n']) {
    expect(written).toContain(line);
    const after = written.slice(written.indexOf(line) + line.length);
    // ESC 8 takes the cursor back to the last ESC 7: one from before the line would write over it.
    const [back, saved] = ['\x1b8', '\x1b7'].map((code) => after.indexOf(code));
    if (back! >= 0) expect(saved).toBeLessThan(back!);
    expect(saved! >= 0 || back! < 0).toBe(true);
  }
});

it.each([
  [{}, false, false],
  [{}, true, true],
  [{ NO_COLOR: '1' }, true, false],
  [{ FORCE_COLOR: '1' }, false, true],
  [{ FORCE_COLOR: '0' }, true, false],
  [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
  [{ TERM: 'dumb' }, true, false],
])('with %j on a terminal (%s) colours are used: %s', async (env, isTerminal, expected) => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { stdout } = process;
  const was = stdout.isTTY;
  stdout.isTTY = isTerminal;
  try {
    const { colour } = await import('./output.ts');
    expect(colour.bold('x') !== 'x').toBe(expected);
  } finally {
    stdout.isTTY = was;
  }
});

const HOSTILE = 'a\x1b]0;owned\x07\x1b[2J\u009b31m\u202eb\nc{bar}';
const CLEAN = 'a?]0;owned??[2J?31m?b?c{bar}';

/** What is written to a stream meanwhile. */
async function written(
  stream: typeof stdout | typeof stderr,
  isTerminal: boolean,
  work: () => unknown,
): Promise<string> {
  let text = '';
  vi.spyOn(stream, 'write').mockImplementation((part) => {
    text += String(part);
    return true;
  });
  const was = stream.isTTY;
  stream.isTTY = isTerminal;
  try {
    await work();
  } finally {
    stream.isTTY = was;
  }
  return text;
}

it.each([true, false])(
  'words hold nothing that a terminal obeys but the own colours (terminal: %s)',
  async (tty) => {
    vi.stubEnv('NO_COLOR', undefined);
    vi.stubEnv('FORCE_COLOR', '1');
    const { colour, print, say } = await import('./output.ts');
    const line = `${HOSTILE} ${colour.bold(HOSTILE)} \u{e000}[1m`;
    const expected = `${CLEAN} \x1b[1m${CLEAN}\x1b[22m \u{e000}[1m\n`;
    expect(await written(stdout, tty, () => print(line))).toBe(expected);
    expect(await written(stderr, tty, () => say(line))).toBe(expected);
  },
);

it('data stays as it is in a pipe, for the next program, and is clean on a terminal', async () => {
  const { printData } = await import('./output.ts');
  expect(await written(stdout, false, () => printData(HOSTILE, '\0'))).toBe(`${HOSTILE}\0`);
  expect(await written(stdout, true, () => printData(HOSTILE))).toBe(`${CLEAN}\n`);
});

it('JSON means the same and holds no control characters', async () => {
  const { printJson } = await import('./output.ts');
  const json = await written(stdout, false, () => printJson({ [HOSTILE]: HOSTILE }));
  expect(json.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(JSON.parse(json)).toEqual({ [HOSTILE]: HOSTILE });
});

it('a progress bar shows its label, whatever the name of a folder is', async () => {
  const { progress } = await import('./progress.ts');
  const shown = await written(stderr, true, () => {
    const bar = progress(`Indexing ${HOSTILE} {eta}`, 'photos');
    bar.update(1, 2);
    bar.stop();
  });
  expect(shown).toContain(`Indexing ${CLEAN} {eta} `);
  expect(shown).not.toContain('owned\x07');
});
