#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { stdout } from 'node:process';
import { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { isNativeProblem, nativeProblem } from '../node/native-module.ts';
import { reportFault } from '../node/report-fault.ts';
import { addCommands } from './commands.ts';
import { interruption } from './interruption.ts';
import { say } from './output.ts';

// LanceDB logs to stderr what polar says in one line of its own; set before its native part is loaded.
process.env.LANCEDB_LOG ??= 'error';

const FAILED = 1;
const INTERRUPTED = 130; // 128 + SIGINT, as shells expect

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

const program = new Command('polar')
  .description('Teach CLIP a personal thing from five photos, then find it in your photos with a sentence.')
  .version(version);

process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(INTERRUPTED); // twice: at once
  interruption.abort();
});
// `polar search ... | head` closes the pipe early, which is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : FAILED));

try {
  const [word, ...words] = process.argv.slice(2);
  if (word === 'complete' && words[0] === '--') {
    const { complete } = await import('./shell/complete.ts'); // what a shell asks, of no interest to a person
    await complete(words.slice(1));
  } else {
    await addCommands(program, process.argv.slice(2));
    await program.parseAsync();
  }
} catch (thrown) {
  // Packages whose native part is missing throw as they are loaded, before any code of this program runs.
  const error = isNativeProblem(thrown) ? nativeProblem('a part of polar', thrown) : thrown;
  if (interruption.signal.aborted) {
    say('polar: stopped; what was done is kept, run the same command again to go on');
    process.exitCode = INTERRUPTED;
  } else {
    const message = error instanceof Error ? error.message : String(error);
    // What the file system refuses (a full disk, no permission) names its path and is nobody's bug.
    const isExpected = error instanceof PolarError || (error instanceof Error && 'syscall' in error);
    say(`polar: ${isExpected ? '' : 'unexpected error: '}${message.replace(/\s*\n\s*/g, ' ')}`);
    if (!isExpected && process.env.POLAR_DEBUG) reportFault(error);
    else if (!isExpected) say('polar: please report this; POLAR_DEBUG=1 shows where it happened');
    process.exitCode = FAILED;
  }
}
