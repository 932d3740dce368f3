import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** How long the original may take. */
export interface UpstreamLimits {
  /** Milliseconds until it accepts a connection. */
  readonly connectMs: number;
  /** Milliseconds in which nothing comes or goes. */
  readonly idleMs: number;
}

/**
 * Inside one network a connection takes a millisecond. The original may first fetch a model, which takes minutes;
 * immich's own client gives up after five.
 */
export const UPSTREAM_LIMITS: UpstreamLimits = { connectMs: 5_000, idleMs: 290_000 };

// What belongs to one connection, not to the message (RFC 9110, 7.6.1); `expect` was answered here.
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'host',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Headers as they came, in their order and spelling, without those of the connection. */
export function endToEnd(message: IncomingMessage): string[] {
  const named = (message.headers.connection ?? '').toLowerCase().split(/\s*,\s*/);
  const kept: string[] = [];
  for (let i = 0; i < message.rawHeaders.length; i += 2) {
    const [name, value] = [message.rawHeaders[i]!, message.rawHeaders[i + 1]!];
    const lower = name.toLowerCase();
    // A request whose Connection header names its own length would lose its end.
    if (!HOP_BY_HOP.has(lower) && (lower === 'content-length' || !named.includes(lower)))
      kept.push(name, value);
  }
  return kept;
}

/**
 * Sends a request on and its answer back, byte for byte, without holding more of either than the sockets do. When the
 * client goes away the request to the original ends; when the original does not answer the client gets 502.
 *
 * @param head what was read of the body already
 */
export function forward(
  upstream: URL,
  request: IncomingMessage,
  response: ServerResponse,
  head: readonly Buffer[],
  limits: UpstreamLimits,
): void {
  const secure = upstream.protocol === 'https:';
  const isChunked = request.headers['transfer-encoding'] !== undefined;
  const hasBody = isChunked || request.headers['content-length'] !== undefined;
  const outgoing = (secure ? httpsRequest : httpRequest)({
    protocol: upstream.protocol,
    hostname: upstream.hostname.replace(/^\[|\]$/g, ''),
    port: upstream.port || (secure ? 443 : 80),
    path: upstream.pathname.replace(/\/$/, '') + request.url,
    method: request.method,
    headers: [
      ...['Host', upstream.host],
      ...endToEnd(request),
      ...(isChunked ? ['Transfer-Encoding', 'chunked'] : []),
      // The original closes a connection that was quiet for some seconds; a picture on its way then could not be sent again.
      ...['Connection', 'close'],
    ] as unknown as Record<string, string>,
    agent: false,
  });
  const refuse = (reason: string): void => {
    outgoing.destroy();
    if (response.headersSent || response.destroyed) response.destroy();
    else sendError(response, 502, `immich's machine learning at ${upstream.host} ${reason}`);
  };
  const connecting = setTimeout(
    () => refuse(`did not accept a connection within ${limits.connectMs} ms`),
    limits.connectMs,
  );
  outgoing.on('socket', (socket) => {
    socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(connecting));
  });
  outgoing.setTimeout(limits.idleMs, () => refuse(`was silent for ${limits.idleMs} ms`));
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    // It may answer before it has all of a body, and close; that answer ends, or is cut off, by itself.
    if (!response.headersSent) refuse(`cannot be reached (${error.code ?? error.message})`);
  });
  outgoing.on('response', (answer) => {
    response.sendDate = false;
    response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer));
    answer.on('error', () => response.destroy());
    answer.on('aborted', () => response.destroy());
    answer.pipe(response);
  });
  response.on('close', () => {
    clearTimeout(connecting);
    outgoing.destroy();
  });
  for (const chunk of head) outgoing.write(chunk);
  if (hasBody && !request.readableEnded) request.pipe(outgoing);
  else outgoing.end();
}

/** An error in the shape of the original's own. */
export function sendError(response: ServerResponse, status: number, detail: string): void {
  const body = JSON.stringify({ detail });
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
