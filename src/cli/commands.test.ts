import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { Command } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { addCommands, COMMANDS } from './commands.ts';

// They write files, or speak a protocol, and have no result to print.
const WITHOUT_RESULT = ['bench extract', 'bench train', 'bench report', 'mcp', 'completion'];

/** All commands that do something, by their full names. */
function leaves(command: Command, name = ''): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[name, command]];
  return command.commands.flatMap((child) => leaves(child, `${name} ${child.name()}`.trim()));
}

// All that the commands need is loaded at once, which takes a busy machine longer than a test may.
const program = new Command('polar');
beforeAll(async () => {
  for (const [name, { description, load }] of COMMANDS) {
    (await load()).register(program.command(name).description(description));
  }
}, 60_000);

it('every command has --json and says in words what it and its options are for', () => {
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

it('the command that is asked for is loaded, whether it is run or its help is read, and no other', async () => {
  for (const words of [['models', 'list'], ['help', 'models'], ['--help'], ['no-such-command']]) {
    const program = new Command('polar');
    await addCommands(program, words);
    const known = program.commands.map((command) => command.name());
    expect(known).toEqual([...COMMANDS.keys()]);
    const loaded = program.commands.filter(({ commands, options }) => commands.length + options.length > 0);
    expect(loaded.map((command) => command.name())).toEqual(words.includes('models') ? ['models'] : []);
  }
});

it('help and commands load what they need: areas, and never the whole library', () => {
  const root = join(import.meta.dirname, '..');
  /** Files of this project that a file loads, by their paths from `src`. */
  const loadedBy = (file: string, seen = new Set<string>()): Set<string> => {
    const path = relative(root, file);
    if (seen.has(path)) return seen;
    seen.add(path);
    for (const [, words, from] of readFileSync(file, 'utf8').matchAll(
      /^(?:import|export) ([^;']*?)from '(\.[^']+)'/gm,
    )) {
      if (!words!.startsWith('type ')) loadedBy(join(dirname(file), from!), seen);
    }
    return seen;
  };
  const help = loadedBy(join(root, 'cli/main.ts'));
  expect([...help].filter((path) => !path.startsWith('cli/'))).toEqual([
    'errors.ts',
    'node/native-module.ts',
    'node/report-fault.ts',
    'words.ts',
  ]);
  const source = readFileSync(join(root, 'cli/commands.ts'), 'utf8');
  const entries = [...source.matchAll(/^ {2}(\w+): \{[^}]*?import\('(\.[^']+)'\)/gm)];
  expect(entries.map(([, name]) => name)).toEqual([...COMMANDS.keys()]);
  for (const [, name, file] of entries) {
    const loaded = loadedBy(join(root, 'cli', file!));
    expect(loaded.size, name).toBeGreaterThan(0);
    expect([...loaded], name).not.toContain('index.ts');
  }
  const search = [...loadedBy(join(root, 'cli/search.ts'))];
  expect(search).toContain('app/ask.ts');
  expect(search.filter((path) => /^(server|toybox|benchmarks|immich)\//.test(path))).toEqual([]);
});
