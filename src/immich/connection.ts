import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PolarError } from '../errors.ts';
import { tell } from '../messages.ts';
import { writeBeside } from '../node/files.ts';
import { inHome } from '../node/home.ts';

/** An immich server and the key to its API. */
export interface ImmichConnection {
  /** Without a slash at the end, and without `/api`. */
  readonly url: string;
  /** Never printed, never logged. */
  readonly key: string;
  /** Where people see it in a browser, for links; `url` when absent. */
  readonly publicUrl?: string | undefined;
}

const Saved = z.object({ url: z.string(), key: z.string(), publicUrl: z.string().optional() });

/**
 * The address of a server, as people copy it from their browser.
 *
 * @throws PolarError when it is none
 */
export function serverUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw new PolarError(
      `${text}: not the address of an immich server; expected one such as http://192.168.1.5:2283`,
    );
  }
  const path = url.pathname.replace(
    /\/(?:api|photos|albums|explore|auth|search|user-settings)(?:\/.*)?$/,
    '',
  );
  return `${url.origin}${path.replace(/\/+$/, '')}`;
}

/** Checks a key's form: one line of visible characters. */
function apiKey(text: string): string {
  const key = text.trim();
  if (!/^[\x21-\x7e]{8,500}$/.test(key)) {
    throw new PolarError(
      'the API key is empty or holds characters that no key has; copy it again from immich',
    );
  }
  return key;
}

/** Keeps a connection in the user's folder, readable by this user only. */
export async function saveConnection(home: string, connection: ImmichConnection): Promise<void> {
  const content = checked(connection);
  await writeBeside(inHome(home).immich, `${JSON.stringify(content, null, 2)}\n`, 0o600);
}

function checked({ url, key, publicUrl }: ImmichConnection): ImmichConnection {
  return {
    url: serverUrl(url),
    key: apiKey(key),
    ...(publicUrl === undefined ? {} : { publicUrl: serverUrl(publicUrl) }),
  };
}

/**
 * The connection: `IMMICH_URL` and `IMMICH_API_KEY`, and `IMMICH_PUBLIC_URL` where people see it elsewhere; else the one that was kept.
 *
 * @throws PolarError when there is none
 */
export async function readConnection(home: string, env: NodeJS.ProcessEnv): Promise<ImmichConnection> {
  const { IMMICH_URL, IMMICH_API_KEY, IMMICH_PUBLIC_URL } = env;
  if (IMMICH_URL && IMMICH_API_KEY)
    return checked({ url: IMMICH_URL, key: IMMICH_API_KEY, publicUrl: IMMICH_PUBLIC_URL || undefined });
  if (IMMICH_URL || IMMICH_API_KEY) {
    throw new PolarError(
      `${IMMICH_URL ? 'IMMICH_API_KEY' : 'IMMICH_URL'} is missing beside ${IMMICH_URL ? 'IMMICH_URL' : 'IMMICH_API_KEY'}; set both or neither`,
    );
  }
  const file = inHome(home).immich;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT')
      throw new PolarError(`${file}: cannot be read (${error.code}); check its permissions`, 'unreadable');
    throw new PolarError(tell('immich.not-connected'), 'not-found');
  });
  try {
    return checked(Saved.parse(JSON.parse(text)));
  } catch {
    throw new PolarError(`${file}: damaged; run "polar immich connect <url>" again`, 'unreadable');
  }
}
