import { stderr } from 'node:process';
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
    const { progress } = await import('./output.ts');
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
])('colours with %j on a terminal (%s): %s', async (env, isTerminal, expected) => {
  for (const name of ['NO_COLOR', 'FORCE_COLOR', 'TERM']) vi.stubEnv(name, undefined);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  const { stdout } = process;
  const was = stdout.isTTY;
  stdout.isTTY = isTerminal;
  try {
    const { colour } = await import('./output.ts');
    expect(colour.isColorSupported).toBe(expected);
  } finally {
    stdout.isTTY = was;
  }
});
