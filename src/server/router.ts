import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { ERROR_CODES, PolarError } from '../errors.ts';
import { readMessage, tell } from '../messages.ts';

/** Kinds of refusals: a PolarError's, or `refused` (the visitor may not), or `fault` (an error of the program). */
export const REFUSAL_CODES = [...ERROR_CODES, 'refused', 'fault'] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

const CODES: Readonly<Record<number, RefusalCode>> = {
  401: 'refused',
  403: 'refused',
  404: 'not-found',
  413: 'too-large',
  502: 'unreachable',
};

/** The code of an error, for programs. */
export function codeOf(error: unknown): RefusalCode {
  if (error instanceof PolarError) return error.code;
  return error instanceof HTTPException ? codeOfStatus(error.status) : 'fault';
}

const codeOfStatus = (status: number): RefusalCode => CODES[status] ?? 'invalid-input';

/** What is wrong: in one line of English, with its kind, and as a page says it in its own language. */
export const refusalOf = (error: string, code: RefusalCode) => ({ error, code, message: toMessage(error) });

/** A sentence, as it goes over the wire. */
export function toMessage(text: string) {
  const { values, ...message } = readMessage(text);
  return { ...message, values: { ...values } };
}

/** The answer to a request that cannot be done: one line, and a code, that of the status when absent. */
export function refusal(
  c: Context,
  status: ContentfulStatusCode,
  error: string,
  code = codeOfStatus(status),
) {
  return c.json(refusalOf(error, code), status);
}

/** A group of routes; what a request lacks is said in one line. */
export function createRouter(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const issue = result.error.issues[0]!;
      const where = issue.path.join('.');
      return refusal(c, 400, `${where === '' ? 'the request' : where}: ${shapeOf(issue)}`);
    },
  });
}

/** A text that is too long is a person's; everything else that is wrong with a request is a program's, in English. */
const shapeOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'too_big' && issue.origin === 'string'
    ? tell('server.long', { most: Number(issue.maximum) })
    : issue.message;

/** A JSON answer, for a route's `responses`. */
export function answer<T extends z.ZodType>(schema: T, description: string) {
  return { 200: { content: { 'application/json': { schema } }, description } };
}

/** A JSON request, for a route's `request`. */
export function body<T extends z.ZodType>(schema: T) {
  return { body: { content: { 'application/json': { schema } }, required: true } };
}
