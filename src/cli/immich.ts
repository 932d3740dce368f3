import { once } from 'node:events';
import { stderr, stdin } from 'node:process';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { type Command, InvalidArgumentError } from 'commander';
import { describeServer, ImmichApi, saveConnection, serverUrl, startImmichService } from '../immich/index.ts';
import { polarHome } from '../node/home.ts';
import { whole } from './common.ts';
import { interruption } from './interruption.ts';
import { openConcepts } from './open-concepts.ts';
import { colour, print, printJson, say } from './output.ts';

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
    .option('--host <address>', 'address to listen at', '127.0.0.1')
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
    .option('--json', 'print what was connected to as JSON')
    .action(connect);
}

/** Keeps the connection once the server has answered with it. */
async function connect(address: string, options: { readonly json?: boolean }): Promise<void> {
  const url = serverUrl(address);
  const key = (process.env.IMMICH_API_KEY || (await readSecret(`API key of ${url}: `))).trim();
  const connection = { url, key };
  const server = await describeServer(new ImmichApi(connection), interruption.signal);
  await saveConnection(polarHome(), connection);
  if (options.json) printJson({ url, ...server });
  else
    print(`Connected to immich ${server.version} at ${url} with the key ${JSON.stringify(server.keyName)}`);
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
  stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: stdin, output: silent, terminal: true });
  try {
    return await lines.question('', { signal: interruption.signal });
  } finally {
    lines.close();
    stderr.write('\n');
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
