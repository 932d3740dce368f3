import { once } from 'node:events';
import { resolve } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { Command } from 'commander';
import { PolarError } from '../errors.ts';
import { exists } from '../node/files.ts';
import { polarHome } from '../node/home.ts';
import { isLoopback } from '../server/guard.ts';
import type { RunningServer } from '../server/index.ts';
import { readPageFiles } from '../server/page-files.ts';
import { lastServer, recordServer, type ServerRecord } from '../server/running-server.ts';
import { deviceOption, INDEX_HELP, MODEL_HELP, type ModelOptions, precisionOption, whole } from './common.ts';
import { shownFromImmich } from './immich-photos.ts';
import { interruption } from './interruption.ts';
import { openModel, openStore } from './open.ts';
import { colour, print, printJson, say } from './output.ts';
import { host, indexUri, modelName } from './paths.ts';

interface Options extends ModelOptions {
  readonly port?: number;
  readonly host: string;
  readonly open?: boolean;
  readonly install?: boolean;
  readonly uninstall?: boolean;
  readonly json?: boolean;
}

// Tried first, so that a bookmark works; where it is taken any free port does.
const USUAL_PORT = 7527;

/** `polar serve` */
export function register(command: Command): void {
  command
    .option(
      '--port <n>',
      `port to listen at (default: ${USUAL_PORT}; where it is taken, the one of the last time, else a free one)`,
      whole(0, 65535),
    )
    .option(
      '--host <address>',
      'address to listen at; other than this machine itself, it asks for a one-time address',
      host,
      '127.0.0.1',
    )
    .option('--open', 'open the page in the browser (default: where this is a terminal)')
    .option('--no-open', 'do not open the page in the browser')
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(deviceOption())
    .addOption(precisionOption())
    .option(
      '--install',
      'Linux: put the app into the menu of programs and start it at login, with these options',
    )
    .option('--uninstall', 'Linux: take it out of the menu and the login again')
    .option('--json', 'print the address as a line of JSON, once it is served')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  if (options.install || options.uninstall) return changeDesktopEntry(options);
  const page = await readPageFiles();
  const store = openStore(options);
  const record = { host: options.host, index: store.uri, model: options.model ?? '' };
  const last = await lastServer(polarHome());
  if (last?.isRunning && options.port === undefined && isSameService(last, record))
    return show(last, options);
  // Only now: to load the server takes longer than all that was done before.
  const { openContext, startServer } = await import('../server/index.ts');
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
  const server = await startAtOneOf(start, portsToTry(options.port, last?.url));
  await recordServer(polarHome(), { ...record, url: server.url });
  // Services are ended by SIGTERM: with what is going on kept, as by Ctrl-C.
  process.once('SIGTERM', () => interruption.abort());
  if (options.json) printJson({ url: server.url, openUrl: server.openUrl }, 0);
  else print(`${colour.bold('POLAR')} is at ${colour.cyan(server.openUrl)}`);
  if (!isLoopback(options.host) && stderr.isTTY) await showCode(server.openUrl);
  say('Ctrl-C ends it.');
  await openPage(server.openUrl, options);
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  await server.close();
  await clip.close();
}

/** Ports in the order in which they are tried: a bookmark of the last time works as long as nobody took its port. */
function portsToTry(named: number | undefined, lastUrl: string | undefined): number[] {
  if (named !== undefined) return [named];
  return [USUAL_PORT, ...(lastUrl === undefined ? [] : [Number(new URL(lastUrl).port)]), 0];
}

async function startAtOneOf(
  start: (port: number) => Promise<RunningServer>,
  [port, ...others]: readonly number[],
): Promise<RunningServer> {
  return start(port!).catch((error: unknown) => {
    if (others.length > 0 && error instanceof PolarError) return startAtOneOf(start, others);
    throw error;
  });
}

/** Whether a server does what another one would be started for. */
function isSameService(running: ServerRecord, { host, index, model }: Omit<ServerRecord, 'url'>): boolean {
  return running.host === host && running.index === index && (model === '' || running.model === model);
}

/** Says that a server runs already, and opens it. */
async function show({ url, host }: ServerRecord, options: Options): Promise<void> {
  if (options.json) printJson({ url, openUrl: url }, 0);
  else print(`${colour.bold('POLAR')} is at ${colour.cyan(url)}`);
  say('It runs already, in another terminal or since login; --port starts one more.');
  if (isLoopback(host)) await openPage(url, options);
  else say('The address that opens it for a new device is in its terminal.');
}

async function openPage(url: string, options: Options): Promise<void> {
  if (!(options.open ?? stdout.isTTY)) return;
  const { default: open } = await import('open');
  await open(url).catch(() => say('Open the address in a browser.'));
}

/** Shows an address to the camera of a phone. */
async function showCode(url: string): Promise<void> {
  const { renderUnicodeCompact } = await import('uqr');
  for (const line of renderUnicodeCompact(url).split('\n')) say(line);
}

async function changeDesktopEntry(options: Options): Promise<void> {
  const { installDesktopEntry, removeDesktopEntry } = await import('./upkeep/serve-install.ts');
  const { port, host, model, index } = options;
  const words = {
    port: port?.toString(),
    host,
    model: model !== undefined && (await exists(model)) ? resolve(model) : model,
    index: index === undefined || index.includes('://') ? index : resolve(index),
  };
  const given = Object.entries(words).flatMap(([name, word]) =>
    word === undefined ? [] : [`--${name}`, word],
  );
  const files = options.install ? await installDesktopEntry(given) : await removeDesktopEntry();
  if (options.json) printJson({ files });
  else for (const file of files) print(file);
  if (options.install)
    say('In the menu of programs as POLAR, and started at login; polar serve --uninstall removes both.');
  else say(files.length === 0 ? 'Nothing was installed.' : 'Removed.');
}
