import { once } from 'node:events';
import { stdout } from 'node:process';
import type { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { polarHome } from '../node/home.ts';
import { openContext, readPageFiles, startServer } from '../server/index.ts';
import { INDEX_HELP, MODEL_HELP, type ModelOptions, whole } from './common.ts';
import { shownFromImmich } from './immich-photos.ts';
import { interruption } from './interruption.ts';
import { openModel, openStore } from './open.ts';
import { colour, print, printJson, say } from './output.ts';
import { host, indexUri, modelName } from './paths.ts';

interface Options extends ModelOptions {
  readonly port?: number;
  readonly host: string;
  readonly open: boolean;
  readonly json?: boolean;
}

// Tried first, so that a bookmark works; where it is taken any free port does.
const USUAL_PORT = 7527;

/** `polar serve` */
export function register(command: Command): void {
  command
    .option('--port <n>', `port to listen at (default: ${USUAL_PORT}, or a free one)`, whole(0, 65535))
    .option(
      '--host <address>',
      'address to listen at; other than this machine itself, it asks for a one-time address',
      host,
      '127.0.0.1',
    )
    .option('--no-open', 'do not open the page in the browser')
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .option('--json', 'print the address as a line of JSON, once it is served')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const page = await readPageFiles();
  const store = openStore(options);
  const clip = await openModel(options, store);
  const context = await openContext({
    version: command.parent!.version()!,
    home: polarHome(),
    clip,
    store,
    remote: await shownFromImmich(),
  });
  const start = (port: number) =>
    startServer(context, {
      host: options.host,
      port,
      page,
      onAddress: (url) => say(`Opened. For another device: ${url}`),
    });
  const server = await start(options.port ?? USUAL_PORT).catch((error: unknown) => {
    if (options.port === undefined && error instanceof PolarError) return start(0);
    throw error;
  });
  // Services are ended by SIGTERM: with what is going on kept, as by Ctrl-C.
  process.once('SIGTERM', () => interruption.abort());
  if (options.json) printJson({ url: server.url, openUrl: server.openUrl }, 0);
  else print(`${colour.bold('POLAR')} is at ${colour.cyan(server.openUrl)}`);
  say('Ctrl-C ends it.');
  if (options.open && stdout.isTTY) {
    const { default: open } = await import('open');
    await open(server.openUrl).catch(() => say('Open the address in a browser.'));
  }
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  await server.close();
  await clip.close();
}
