import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PHOTOS, photo } from '../../../test/data.ts';
import { runPolar } from '../../../test/polar.ts';
import { ConceptStore } from '../../node/concepts/concept-store.ts';
import { inHome } from '../../node/home.ts';

const main = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const hasTerminal = spawnSync('script', ['--version']).stdout?.includes('util-linux') ?? false;

if (!hasTerminal) it.skip('polar learn --review (skipped: it needs the script command of util-linux)');

describe.runIf(hasTerminal)('polar learn --review, in a terminal', () => {
  let home: string;
  let shelf: ConceptStore;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'polar-review-'));
    shelf = new ConceptStore(inHome(home).concepts);
    const model = ['--model', 'toybox'];
    expect((await runPolar(home, ['index', PHOTOS, ...model])).code).toBe(0);
    const examples = [photo('dog/00'), photo('dog/01')];
    const learnt = await runPolar(home, ['learn', 'Rex', ...examples, '--class', 'dog', ...model]);
    expect(learnt, learnt.stderr).toMatchObject({ code: 0 });
  }, 120_000);
  afterAll(() => rm(home, { recursive: true }));

  /** Answers each question as it is asked. */
  async function review(answer: (path: string) => string): Promise<{ screen: string; code: number | null }> {
    const command = [process.execPath, main, 'learn', 'Rex', '--review'].map((part) => `'${part}'`).join(' ');
    const env = { ...process.env, POLAR_HOME: home, HF_HOME: home, HF_HUB_OFFLINE: '1', TERM: 'xterm' };
    const child: ChildProcess = spawn('script', ['-qec', command, '/dev/null'], { env });
    let screen = '';
    let asked = 0;
    child.stdout!.on('data', (chunk) => {
      screen += String(chunk);
      const questions = [...screen.matchAll(/Is this Rex\?\s+(\S+)\s+\[y\/n\]/g)];
      for (const [, path] of questions.slice(asked)) child.stdin!.write(`${answer(path!)}\r`);
      asked = questions.length;
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { screen, code };
  }

  it('polar learn --review asks about photos near the border, learns again from y and n, and does not ask these again', async () => {
    const before = await shelf.get('Rex');
    const asked: string[] = [];
    const { screen, code } = await review((path) => {
      asked.push(path);
      return ['y', '', 'n', 'n', 'q'][asked.length - 1]!;
    });
    expect(code, screen).toBe(0);
    expect(screen).toContain('Rex learnt again with 1 more photo of it and 2 of what it is not');
    const after = await shelf.get('Rex');
    expect(after.photoHashes).toHaveLength(before.photoHashes.length + 1);
    expect(after.lookAlikes!.rows).toBe(2);
    expect(after.B).not.toEqual(before.B);
    const again: string[] = [];
    await review((path) => {
      again.push(path);
      return 'q';
    });
    expect([asked[0], asked[2], asked[3]]).not.toContain(again[0]);
  }, 60_000);

  it('polar learn --review changes nothing where no question is answered', async () => {
    const before = await shelf.get('Rex');
    const { screen, code } = await review(() => 'q');
    expect(code, screen).toBe(0);
    expect(await shelf.get('Rex')).toEqual(before);
  }, 60_000);
});
