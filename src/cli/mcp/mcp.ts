import { once } from 'node:events';
import { stdin } from 'node:process';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import type { Command } from 'commander';
import { INDEX_HELP, MODEL_HELP, type ModelOptions, precisionOption } from '../common.ts';
import { interruption } from '../interruption.ts';
import { openModel, openStore } from '../open.ts';
import { openConcepts } from '../open-concepts.ts';
import { say } from '../output.ts';
import { indexUri, modelName } from '../paths.ts';
import { addLibraryTools } from './library-tools.ts';

interface Options extends ModelOptions {
  readonly write?: boolean;
}

/** `polar mcp` */
export function register(command: Command): void {
  command
    .option('--write', 'let the assistant teach new things too')
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(precisionOption())
    .action(run);
}

async function run(options: Options): Promise<void> {
  const store = openStore(options);
  const clip = await openModel(options, store);
  const { signal } = interruption;
  const write = options.write ?? false;
  const server = new McpServer({ name: 'polar', version: '1' });
  addLibraryTools(server, { store, clip, concepts: openConcepts(), write, signal });
  const transport = new StdioServerTransport();
  await server.connect(transport);
  say(
    `polar mcp: ready, ${write ? 'may teach new things' : 'reads only; --write lets it teach'}. Ctrl-C ends it.`,
  );
  // The assistant ends it by closing its end; a person by Ctrl-C.
  await Promise.race([once(stdin, 'end'), once(stdin, 'close'), once(signal, 'abort')]);
  await server.close();
  await clip.close();
}
