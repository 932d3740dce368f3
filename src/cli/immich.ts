import { once } from 'node:events';
import { stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { PolarError } from '../errors.ts';
import { IMMICH_EVERY } from '../immich/every.ts';
import type { AlbumSummary, ImmichApi } from '../immich/index.ts';
import { polarHome } from '../node/home.ts';
import { INDEX_HELP, MODEL_HELP, type ModelOptions, minutes, precisionOption, whole } from './common.ts';
import { openImmich } from './immich-photos.ts';
import { interruption } from './interruption.ts';
import { openConcepts } from './open-concepts.ts';
import { colour, count, print, printJson, say } from './output.ts';
import { host, indexUri, modelName, word } from './paths.ts';

/** `polar immich ...` */
export function register(immich: Command): void {
  immich
    .command('serve')
    .description('answer the searches of an immich server that name a learnt thing; pass everything else on')
    .option(
      '--upstream <url>',
      "address of immich's own machine learning",
      upstreamUrl,
      upstreamUrl('http://immich-machine-learning:3003'),
    )
    .option('--host <address>', 'address to listen at', host, '127.0.0.1')
    .option('--port <n>', 'port to listen at', whole(0, 65535), 3003)
    .option('--all', 'answer every text, not only those that name a learnt thing')
    .option(
      '--map <name=model>',
      "use this model or folder for an immich model's name, for example ViT-B-32__openai=ViT-B/32; may be repeated",
      mapping,
      new Map<string, string>(),
    )
    .option('--json', 'print the address as a line of JSON, once it is served')
    .action(serve);
  immich
    .command('connect')
    .description('keep the address of an immich server and a key to it; the key is asked for and never shown')
    .argument('<url>', 'address of the server as a browser shows it, for example http://192.168.1.5:2283')
    .option(
      '--public-url <url>',
      'where people see it in a browser, for links (default: what its administrator has set, else <url>)',
    )
    .option('--json', 'print what was connected to as JSON')
    .action(connect);
  immich
    .command('album')
    .description('put the photos that a sentence finds into an album; run again, it adds what is new')
    .argument('<sentence>', 'for example "Rex in the snow"')
    .requiredOption('--album <name>', 'name or id of the album; it is made where there is none', word)
    .option('--top <n>', 'how many photos at most', whole(1, 100_000), 200)
    .addOption(
      new Option(
        '--relevance <mark>',
        'only photos that are at least this sure; needs previews indexed with polar index immich:',
      ).choices(['strong', 'fair']),
    )
    .option('--dry-run', 'list what would be added, and change nothing')
    .option('--watch', 'stay, and look again from time to time; Ctrl-C ends it')
    .option('--every <minutes>', `how often --watch looks (default: ${IMMICH_EVERY})`, minutes)
    .option(
      '--service <url>',
      'address of polar immich serve, where no previews are indexed',
      upstreamUrl,
      upstreamUrl('http://127.0.0.1:3003'),
    )
    .option('--model <model>', MODEL_HELP, modelName)
    .option('--index <uri>', INDEX_HELP, indexUri)
    .addOption(precisionOption())
    .option('--json', 'print what was done as JSON')
    .action(album);
}

interface AlbumOptions extends ModelOptions {
  readonly album: string;
  readonly top: number;
  readonly relevance?: 'strong' | 'fair';
  readonly dryRun?: boolean;
  readonly watch?: boolean;
  readonly every?: number;
  readonly service: URL;
  readonly json?: boolean;
}

async function album(sentence: string, options: AlbumOptions): Promise<void> {
  const { fillAlbum } = await import('../immich/index.ts');
  const api = await openImmich();
  const { signal } = interruption;
  for (let turn = 0; ; turn++) {
    try {
      const ids = await findPhotos(api, sentence, options);
      const target = { home: polarHome(), name: options.album, dryRun: options.dryRun ?? false, signal };
      const summary = await fillAlbum(api, ids, target);
      if (turn === 0 || summary.added.length > 0) report(summary, api.linkTo(''), options);
    } catch (error) {
      // Once it has worked, what goes wrong passes: immich is being updated, the network is away.
      if (turn === 0 || (!signal.aborted && !(error instanceof PolarError))) throw error;
      if (!signal.aborted) say((error as PolarError).message);
    }
    if (!options.watch) return;
    await sleep(options.every ?? IMMICH_EVERY * 60_000, undefined, { signal }).catch(() => {});
    if (signal.aborted) return say('Stopped; the album is as current as the last line says.');
  }
}

/** With the embeddings of previews that are indexed here, else with immich's own search through the service. */
async function findPhotos(api: ImmichApi, sentence: string, options: AlbumOptions): Promise<string[]> {
  const { findBySmartSearch, findIndexed } = await import('../immich/index.ts');
  const { openModel, openStore } = await import('./open.ts');
  const concepts = await openConcepts().list(say);
  const store = openStore(options);
  const wanted = { ...options, signal: interruption.signal };
  if ((await store.models()).length > 0) {
    const clip = await openModel(options, store);
    try {
      const found = await findIndexed(api, { clip, store }, concepts, sentence, wanted);
      if (found !== undefined) return found;
    } finally {
      await clip.close();
    }
  }
  if (options.relevance !== undefined) {
    throw new PolarError(
      '--relevance needs the previews indexed here; run "polar index immich:" first',
      'nothing-indexed',
    );
  }
  return findBySmartSearch(api, options.service, concepts, sentence, wanted);
}

function report(summary: AlbumSummary, link: string, options: AlbumOptions): void {
  const { name, url, added, present, respected, refused } = summary;
  if (options.json) {
    printJson({ ...summary, added: added.map((id) => link + id) });
    return;
  }
  const left = [
    ...(present > 0 ? [`${count(present, 'is in it', 'are in it')}`] : []),
    ...(respected > 0 ? [`${count(respected, 'photo')} that somebody took out left out`] : []),
    ...(refused > 0 ? [`${count(refused, 'was refused', 'were refused')} by immich`] : []),
  ];
  const rest = left.length === 0 ? '' : `; ${left.join(', ')}`;
  const verb = options.dryRun ? 'would be added' : 'added';
  say(`${name}: ${count(added.length, 'photo')} ${verb}${rest}${url === null ? '' : ` (${url})`}`);
  for (const id of added) print(link + id);
}

interface ConnectOptions {
  readonly publicUrl?: string;
  readonly json?: boolean;
}

/** Keeps the connection once the server has answered with it. */
async function connect(address: string, options: ConnectOptions): Promise<void> {
  const { describeServer, ImmichApi, readConnection, saveConnection, serverUrl } = await import(
    '../immich/index.ts'
  );
  const url = serverUrl(address);
  const key = (process.env.IMMICH_API_KEY || (await readSecret(`API key of ${url}: `))).trim();
  const server = await describeServer(new ImmichApi({ url, key }), interruption.signal);
  const publicUrl = serverUrl(options.publicUrl ?? server.externalDomain ?? url);
  const before = await readConnection(polarHome(), {}).catch(() => undefined);
  await saveConnection(polarHome(), { url, key, publicUrl });
  if (options.json) printJson({ url, publicUrl, ...server });
  else
    print(`Connected to immich ${server.version} at ${url} with the key ${JSON.stringify(server.keyName)}`);
  if (publicUrl !== url) say(`Links lead to ${publicUrl}.`);
  const old = before === undefined ? publicUrl : (before.publicUrl ?? before.url);
  if (old !== publicUrl) {
    say(
      `Photos that were indexed as ${old} are not shown any more; polar index immich: reads them anew, and this takes the old ones out: polar index --forget ${old}/photos`,
    );
  }
  if (server.missing.length > 0) {
    say(
      `The key lacks the permissions ${server.missing.join(', ')}; add them in immich, where they are needed.`,
    );
  }
}

/** A line from the terminal that is not shown while it is typed, or all of standard input. */
async function readSecret(question: string): Promise<string> {
  if (!stdin.isTTY) {
    let text = '';
    for await (const chunk of stdin) text += String(chunk);
    return text;
  }
  say(question, '');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await lines.question('', { signal: interruption.signal });
  } finally {
    lines.close();
    say('');
  }
}

interface ServeOptions {
  readonly upstream: URL;
  readonly host: string;
  readonly port: number;
  readonly all?: boolean;
  readonly map: ReadonlyMap<string, string>;
  readonly json?: boolean;
}

async function serve(options: ServeOptions): Promise<void> {
  // Without the photo index and its native parts, which a restart need not wait for.
  const { startImmichService } = await import('../immich/serve.ts');
  const concepts = openConcepts().folder;
  const service = await startImmichService({ ...options, concepts, log: say });
  // Services are ended by SIGTERM, as by Ctrl-C.
  process.once('SIGTERM', () => interruption.abort());
  if (options.json) printJson({ url: service.url, upstream: options.upstream.href }, 0);
  else print(`${colour.bold('POLAR')} answers immich at ${colour.cyan(service.url)}`);
  say(
    `Everything but texts that name a learnt thing is passed on to ${options.upstream.origin}. Like immich's machine learning, it asks nobody who they are: keep the port inside the containers' network.`,
  );
  if (!interruption.signal.aborted) await once(interruption.signal, 'abort');
  await service.close();
}

function upstreamUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (
    url === undefined ||
    !['http:', 'https:'].includes(url.protocol) ||
    url.username !== '' ||
    url.search !== ''
  ) {
    throw new InvalidArgumentError('expected an address such as http://immich-machine-learning:3003');
  }
  return url;
}

function mapping(text: string, before: ReadonlyMap<string, string>): Map<string, string> {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) {
    throw new InvalidArgumentError('expected name=model, for example ViT-B-32__openai=ViT-B/32');
  }
  return new Map(before).set(text.slice(0, at), text.slice(at + 1));
}
