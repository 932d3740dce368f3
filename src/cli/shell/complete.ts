import tab from '@bomb.sh/tab/commander';
import { Command } from 'commander';
import { addCommands } from '../commands.ts';

/**
 * Prints how a line may go on: what the script of `polar completion` asks with every Tab. Of the commands only the one
 * that stands in the line is loaded.
 *
 * @param words of the line, after `polar`; the last one is being typed
 */
export async function complete(words: readonly string[]): Promise<void> {
  const program = new Command('polar');
  await addCommands(program, words);
  tab(program);
  await program.parseAsync(['complete', '--', ...words], { from: 'user' });
}
