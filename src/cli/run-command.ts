import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { PolarError } from '../errors.ts';
import { isNativeProblem, nativeProblem } from '../node/native-module.ts';
import { reportFault } from '../node/report-fault.ts';
import { addCommands } from './commands.ts';
import { interruption } from './interruption.ts';
import { say } from './output.ts';

const FAILED = 1;
/** 128 + SIGINT, as shells expect. */
export const INTERRUPTED = 130;

/**
 * Runs one command of `polar` to its end: results go to stdout, words to stderr, and how it ended is in
 * `process.exitCode`, which stays as it is where all went well. Never throws.
 *
 * @param words what was typed after `polar`
 */
export async function runCommand(words: readonly string[]): Promise<void> {
  try {
    const [word, ...rest] = words;
    if (word === 'complete' && rest[0] === '--') {
      const { complete } = await import('./shell/complete.ts'); // what a shell asks, of no interest to a person
      await complete(rest.slice(1));
    } else {
      const program = newProgram();
      await addCommands(program, words);
      await program.parseAsync(words, { from: 'user' });
    }
  } catch (thrown) {
    process.exitCode = thrown instanceof CommanderError ? thrown.exitCode : sayFailure(thrown);
  }
}

/** The program without its commands; where it would end the process, after its help or a wrong option, it throws. */
function newProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return new Command('polar')
    .description('Teach CLIP a personal thing from five photos, then find it in your photos with a sentence.')
    .version(version)
    .exitOverride();
}

/**
 * Says in a line on stderr why a command ended.
 *
 * @returns exit code
 */
function sayFailure(thrown: unknown): number {
  if (interruption.signal.aborted) {
    say('polar: stopped; what was done is kept, run the same command again to go on');
    return INTERRUPTED;
  }
  // Packages whose native part is missing throw as they are loaded, before any code of this program runs.
  const error = isNativeProblem(thrown) ? nativeProblem('a part of polar', thrown) : thrown;
  const message = error instanceof Error ? error.message : String(error);
  // What the file system refuses (a full disk, no permission) names its path and is nobody's bug.
  const isExpected = error instanceof PolarError || (error instanceof Error && 'syscall' in error);
  say(`polar: ${isExpected ? '' : 'unexpected error: '}${message.replace(/\s*\n\s*/g, ' ')}`);
  if (!isExpected && process.env.POLAR_DEBUG) reportFault(error);
  else if (!isExpected) say('polar: please report this; POLAR_DEBUG=1 shows where it happened');
  return FAILED;
}
