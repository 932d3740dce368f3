import { readdir, readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { expect, it } from 'vitest';

const files = (await readdir(import.meta.dirname)).filter((name) => /(?<!\.test)\.ts$/.test(name));
// They write files and have no result to print.
const WITHOUT_RESULT = ['bench extract', 'bench train', 'bench report'];
const sourceOf = (file: string) => readFile(`${import.meta.dirname}/${file}`, 'utf8');

/** All commands that do something, by their full names. */
function leaves(command: Command, name = ''): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`.trim()));
}

it('every command has --json and says in words what it and its options are for', async () => {
  const program = new Command('polar');
  for (const file of files.filter((name) => name !== 'main.ts')) {
    const module = (await import(/* @vite-ignore */ `./${file}`)) as {
      register?: (program: Command) => void;
    };
    module.register?.(program);
  }
  const all = leaves(program);
  expect(all.map(([name]) => name)).toEqual(
    expect.arrayContaining(['index', 'learn', 'search', 'serve', 'concepts rename', 'models download']),
  );
  for (const [name, command] of all) {
    expect(command.description(), name).not.toBe('');
    const flags = command.options.map((option) => option.long);
    if (!WITHOUT_RESULT.includes(name)) expect(flags, name).toContain('--json');
    for (const { flags, description } of command.options)
      expect(description, `${name} ${flags}`).not.toBe('');
  }
});

it('the commands use nothing that the public API does not export', async () => {
  const exported = Object.keys(await import('../index.ts'));
  for (const file of files) {
    const source = await sourceOf(file);
    for (const [, path] of source.matchAll(/import\(\s*'([^']+)'\s*\)/g)) {
      // The app's server and immich's service are no part of the library; they are doors to it, as commands are.
      const doors = ['../index.ts', '../server/index.ts', '../immich/index.ts'];
      if (path!.startsWith('..')) expect(doors, file).toContain(path);
    }
    for (const [, names, path] of source.matchAll(/^import ([^;]*?) from '([^']+)'/gms)) {
      if (!path!.startsWith('..')) continue;
      if (path === '../index.ts') {
        expect(names, `${file}: the library is loaded by the command that needs it`).toMatch(/^type /);
        continue;
      }
      // Small modules that every start needs are taken from their own files, so that --help is quick.
      const taken = [...names!.matchAll(/\w+/g)].map(([name]) => name).filter((name) => name !== 'type');
      expect(exported, `${file}: ${path}`).toEqual(expect.arrayContaining(taken));
    }
  }
});
