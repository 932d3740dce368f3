import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { addCommands } from './commands.ts';

vi.setConfig({ testTimeout: 60_000 }); // the first of a command loads what it needs

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polar-options-'));
  await mkdir(join(folder, 'inside'));
  await writeFile(join(folder, 'file.txt'), 'x');
});
afterAll(() => rm(folder, { recursive: true }));

/** What the arguments of a command are refused with, before anything is done; undefined where they are taken. */
async function refusal(line: readonly string[]): Promise<string | undefined> {
  const args = line.map((word) => word.replace('{}', folder));
  let said = '';
  const program = new Command('polar');
  await addCommands(program, args);
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({
      writeErr: (text) => {
        said += text;
      },
    });
    command.action(() => {}); // read, and not done
    for (const inner of command.commands) quiet(inner);
  };
  for (const command of program.commands) quiet(command);
  quiet(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return undefined;
  } catch {
    return said;
  }
}

describe('values of options', () => {
  it.each([
    ['search x --html {}', /found a folder, expected a file; name one in it/],
    ['search x --html {}/file.txt/page.html', /file\.txt: found a file, expected a folder/],
    ['search x --index {}/file.txt', /found a file, expected a folder/],
    ['search x --index {}/file.txt/deep/below', /file\.txt: found a file, expected a folder/],
    ['search x --index ftp://somewhere', /found ftp:\/\/, expected a folder, s3:/],
    ['learn Rex a.jpg --index {}/file.txt', /found a file, expected a folder/],
    ['learn Rex a.jpg --iterations 0', /expected a number from 1 to/],
    ['learn Rex a.jpg --reg-weight -1', /expected a number from 0 to/],
    ['serve --index {}/file.txt', /found a file, expected a folder/],
    ['serve --host http://localhost', /expected an address without a port/],
    ['serve --host 127.0.0.1:80', /expected an address without a port/],
    ['serve --host 300.1.1.1', /expected an address/],
    ['serve --port 65536', /expected a number from 0 to 65535/],
    ['serve --port 1.5', /expected a whole number/],
    ['folders --index {}/file.txt', /found a file, expected a folder/],
    ['index --index {}/file.txt', /found a file, expected a folder/],
    ['immich serve --host 10.0.0.1:3003', /expected an address without a port/],
    ['immich album x --album a --index {}/file.txt', /found a file, expected a folder/],
    ['bench report conconchi --html {}', /found a folder, expected a file/],
    ['bench check conconchi --data-path {}/file.txt', /found a file, expected a folder/],
    ['bench train conconchi --checkpoint-dir {}/file.txt', /found a file, expected a folder/],
    ['bench captions --captions {}/none.json', /no such file or folder; check the path/],
    ['bench run conconchi --captions {}', /found a folder, expected a file/],
    ['concepts import Rex {}/none.pt', /no such file or folder; check the path/],
    ['toybox make-photos {}/file.txt', /found a file, expected a folder/],
    ['toybox make-photos {}/new --seed 401', /expected a number from 0 to 400/],
  ])('values of options are refused with what was found and expected: polar %s', async (line, words) => {
    const said = await refusal(line.split(' '));
    expect(said).toMatch(words);
    expect(said).toMatch(
      /^polar: (option|command-argument) [^\n]+; polar [a-z -]+ --help shows how it is used\n$/,
    );
  });

  it.each([
    [['learn', 'Rex', 'a.jpg', '--class', ' ']],
    [['learn', 'Rex', 'a.jpg', '--class', 'a\nb']],
    [['learn', 'Rex', 'a.jpg', '--class', 'x'.repeat(61)]],
    [['learn', 'Rex', 'a.jpg', '--model', '']],
    [['models', 'download', ' ']],
    [['models', 'remove', '']],
    [['immich', 'album', 'x', '--album', '']],
    [['bench', 'train', 'conconchi', '--concept-identifier', '']],
    [['serve', '--host', '']],
    [['search', 'x', '--in', '']],
  ])('values of options are refused where they are empty or no word: %j', async (line) => {
    expect(await refusal(line)).toMatch(/expected /);
  });

  it.each([
    'search x --html {}/file.txt --index {}/not/yet --in {}',
    'search x --index s3://bucket/prefix',
    'serve --host 0.0.0.0 --port 0',
    'serve --host ::1 --index gs://bucket',
    'serve --host my-machine.local',
    'bench report conconchi --html {}/page.html --data-path {}/inside --checkpoint-dir {}/not/yet',
    'bench check conconchi --data-path {}/nowhere', // lists what is missing
    'bench captions --captions {}/file.txt',
    'toybox make-photos {}/new/world',
    'learn Rex a.jpg --class guide-dog',
  ])('values of options that make sense are taken: polar %s', async (line) => {
    expect(await refusal(line.split(' '))).toBeUndefined();
  });
});
