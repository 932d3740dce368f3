import type { Command } from 'commander';
import { z } from 'zod';
import { printJson } from '../output.ts';
import { OUTPUTS } from './outputs.ts';

/** `polar schema <command>` */
export function register(command: Command): void {
  const names = [...Object.keys(OUTPUTS)];
  command
    .addArgument(command.createArgument('<command>', 'whose --json is described').choices(names))
    .option('--json', 'as it is: a schema is JSON')
    .action((name: keyof typeof OUTPUTS) => printJson(z.toJSONSchema(OUTPUTS[name])));
}
