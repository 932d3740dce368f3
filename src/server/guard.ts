import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { secureHeaders } from 'hono/secure-headers';
import { tell } from '../messages.ts';
import { refusal } from './router.ts';

/** Whether only programs of this machine can reach the server. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Scripts, styles and pictures come from the server alone, and no other page may hold this one in a frame. */
export const headers: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'blob:', 'data:'],
    mediaSrc: ["'self'"],
    connectSrc: ["'self'"],
    manifestSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: 'DENY',
  referrerPolicy: 'no-referrer',
  crossOriginResourcePolicy: 'same-origin',
  crossOriginOpenerPolicy: 'same-origin',
  strictTransportSecurity: false, // plain http, on this machine or in the home network
});

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]'];
const REFUSED = tell('server.other-site');

/**
 * Refuses what another web site could make a browser send.
 *
 * On the loopback address the Host must be one of its names: a site whose name was made to resolve to 127.0.0.1 (DNS
 * rebinding) still sends its own. Everywhere a request that changes something must come from the page itself, and
 * other sites may not even show a picture from here. On other addresses the token keeps strangers out.
 *
 * @param local the loopback address that is listened at, if it is one
 */
export function sameSite(local?: string): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header('host') ?? '';
    if (local !== undefined && ![...LOOPBACK_NAMES, local].includes(host.replace(/:\d+$/, ''))) {
      return refusal(c, 403, `the host ${JSON.stringify(host)} is not served; open http://127.0.0.1`);
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && origin !== `http://${host}`) return refusal(c, 403, REFUSED);
    const site = c.req.header('sec-fetch-site') ?? 'none'; // older browsers send an origin with what changes things
    const isVisit = c.req.method === 'GET' && c.req.header('sec-fetch-mode') === 'navigate';
    if (site !== 'same-origin' && site !== 'none' && !isVisit) return refusal(c, 403, REFUSED);
    return next();
  };
}

/** Lets in who opened the one-time address, where the server can be reached from other machines. */
export class Doorkeeper {
  readonly #session = randomBytes(32).toString('base64url');
  readonly #cookie: string;
  readonly #onUsed: () => void;
  #code = randomCode();

  /**
   * @param port browsers send cookies to all ports of a host
   * @param onUsed told when the address was used, and the next one is there
   */
  constructor(port: number, onUsed: () => void) {
    this.#cookie = `polar-${port}`;
    this.#onUsed = onUsed;
  }

  /** Path of the address that opens the app once. */
  get path(): string {
    return `/open?code=${this.#code}`;
  }

  readonly middleware: MiddlewareHandler = async (c, next) => {
    if (c.req.path === '/open' && c.req.method === 'GET') return this.#open(c);
    const cookie = getCookie(c, this.#cookie);
    if (cookie !== undefined && isSame(cookie, this.#session)) return next();
    if (cookie !== undefined) deleteCookie(c, this.#cookie);
    return refusal(c, 401, tell('server.open'));
  };

  #open(c: Context): Response {
    if (!isSame(c.req.query('code') ?? '', this.#code)) {
      return refusal(c, 401, tell('server.opened'));
    }
    this.#code = randomCode();
    this.#onUsed();
    setCookie(c, this.#cookie, this.#session, { httpOnly: true, sameSite: 'Strict', path: '/' });
    return c.html(ENTRY);
  }
}

// Not a redirect: after a link in a mail it would still count as cross-site, and a strict cookie stay behind.
const ENTRY = '<!doctype html><title>POLAR</title><meta http-equiv="refresh" content="0; url=/">';

const randomCode = (): string => randomBytes(18).toString('base64url');

/** Compares secrets in a time that does not tell how much of them was right. */
function isSame(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}
