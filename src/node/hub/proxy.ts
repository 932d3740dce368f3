import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { describe } from './download.ts';

/**
 * `fetch` as the environment wants it: through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` or `ALL_PROXY` name, except
 * for the hosts in `NO_PROXY`; the lower-case names go first, as in curl. Node's own, which ignores them, where none
 * is set.
 *
 * @throws PolarError when a proxy is of a kind that cannot be used
 */
export async function networkFetch(env: NodeJS.ProcessEnv = process.env): Promise<typeof fetch> {
  const all = env.all_proxy || env.ALL_PROXY;
  const httpProxy = proxyAddress(env.http_proxy || env.HTTP_PROXY || all);
  const httpsProxy = proxyAddress(env.https_proxy || env.HTTPS_PROXY || all);
  if (httpProxy === undefined && httpsProxy === undefined) return fetch;
  // Loaded here and not above: only downloads behind a proxy need it.
  const { EnvHttpProxyAgent, fetch: fetchThrough } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent({
    ...(httpProxy === undefined ? {} : { httpProxy }),
    ...(httpsProxy === undefined ? {} : { httpsProxy }),
    noProxy: env.no_proxy ?? env.NO_PROXY ?? '',
    proxyTunnel: false, // plain HTTP is asked for, not tunnelled, which many proxies forbid; HTTPS always is tunnelled
  });
  // The types of undici's and Node's fetch differ in names only.
  return (async (input: string, init?: object) => {
    try {
      return await fetchThrough(input, { ...init, dispatcher });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // the signal's
      throw new TypeError('fetch failed', {
        cause: new Error(`${describe(error)}, by way of the proxy that the environment names`),
      });
    }
  }) as unknown as typeof fetch;
}

/** The address of a proxy, `http://` being understood; undefined where none is named. */
function proxyAddress(value: string | undefined): string | undefined {
  if (!value) return undefined;
  const address = value.includes('://') ? value : `http://${value}`;
  const protocol = URL.canParse(address) ? new URL(address).protocol : '';
  if (protocol === 'http:' || protocol === 'https:') return address;
  const shown = value.replace(/^(.*\/\/)?.*@/, '$1'); // a user and password in it must not reach the terminal
  throw new PolarError(tell('hub.proxy', { address: shown }), 'unreachable');
}
