import type { Command } from 'commander';

/** What a command's file exports. */
interface CommandFile {
  /** Gives the command its arguments, options and what it does. */
  readonly register: (command: Command) => void;
}

/** A command: its line in the help, and the file that is loaded when it is asked for. */
interface CommandEntry {
  readonly description: string;
  readonly load: () => Promise<CommandFile>;
}

/**
 * All commands, in the order of the help. A command's file imports what the command needs and nothing else, and only
 * the file of the one that is asked for is loaded: `polar --help` loads none of them.
 */
const ENTRIES = {
  serve: {
    description: 'open the app: teach and search in a page on this machine',
    load: () => import('./serve.ts'),
  },
  index: {
    description: 'make the photos of a folder searchable; run again, it reads only what changed',
    load: () => import('./index-photos.ts'),
  },
  folders: {
    description: 'the folders that are indexed, what was left out of them, and those that are missing',
    load: () => import('./upkeep/folders.ts'),
  },
  learn: {
    description: 'teach the model a personal thing from about five photos of it',
    load: () => import('./learn/learn.ts'),
  },
  search: {
    description: 'find photos with a sentence; names of learnt things are recognised in it',
    load: () => import('./search.ts'),
  },
  export: {
    description: 'copy, link, move, zip or list the photos that a sentence finds',
    load: () => import('./photos/export.ts'),
  },
  tag: {
    description: 'write a keyword into the XMP sidecars of the photos that a sentence finds',
    load: () => import('./photos/tag.ts'),
  },
  albums: {
    description: 'searches that are kept, with a count of what is new in each; favourites',
    load: () => import('./photos/albums.ts'),
  },
  duplicates: {
    description: 'the photos that show the same picture, best first; nothing is deleted',
    load: () => import('./photos/duplicates.ts'),
  },
  concepts: {
    description: 'the things that were learnt',
    load: () => import('./concepts.ts'),
  },
  models: {
    description: 'the CLIP models that are at hand',
    load: () => import('./models.ts'),
  },
  where: {
    description: 'where everything lies, how large it is, and what can be made again',
    load: () => import('./upkeep/where.ts'),
  },
  doctor: {
    description: 'what is broken, and the command that mends it',
    load: () => import('./upkeep/doctor.ts'),
  },
  immich: {
    description: "the learnt things in an immich server's search",
    load: () => import('./immich.ts'),
  },
  mcp: {
    description: 'the library for an assistant: a Model Context Protocol server over stdio',
    load: () => import('./mcp/mcp.ts'),
  },
  completion: {
    description: 'a script with which a shell completes what is typed after polar',
    load: () => import('./shell/completion.ts'),
  },
  schema: {
    description: 'the JSON schema of what a command prints with --json',
    load: () => import('./shell/schema.ts'),
  },
  bench: {
    description: "the paper's benchmarks: ConCon-Chi, DeepFashion2 and caption recall",
    load: () => import('./bench/bench.ts'),
  },
  toybox: {
    description: 'pictures of the little world that the embedded model knows',
    load: () => import('./toybox.ts'),
  },
} satisfies Readonly<Record<string, CommandEntry>>;

export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map(Object.entries(ENTRIES));

/**
 * Adds all commands to the program, the one that is asked for with all that it takes.
 *
 * @param words what was typed
 */
export async function addCommands(program: Command, words: readonly string[]): Promise<void> {
  const asked = words.find((word) => COMMANDS.has(word)); // `search ...`, or `help search`
  for (const [name, { description, load }] of COMMANDS) {
    const command = program.command(name).description(description);
    if (name === asked) (await load()).register(command);
  }
  sayUsageErrors(program, program.name());
}

/** What was typed wrongly is said in one line, in the style of all other errors, with the command whose help shows it. */
function sayUsageErrors(command: Command, path: string): void {
  command.configureOutput({
    outputError(message, write) {
      const line = message
        .replace(/^error: /, '')
        .replace(/\s*\n\s*/g, ' ')
        .trim()
        .replace(/\.$/, '');
      write(`polar: ${line}; ${path} --help shows how it is used\n`);
    },
  });
  for (const inner of command.commands) sayUsageErrors(inner, `${path} ${inner.name()}`);
}
