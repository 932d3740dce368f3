import { OpenAPIHono, type z } from '@hono/zod-openapi';

/** A group of routes; what a request lacks is said in one line. */
export function createRouter(): OpenAPIHono {
  return new OpenAPIHono({
    defaultHook: (result, c) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const where = issue!.path.join('.');
      return c.json({ error: `${where === '' ? 'the request' : where}: ${issue!.message}` }, 400);
    },
  });
}

/** A JSON answer, for a route's `responses`. */
export function answer<T extends z.ZodType>(schema: T, description: string) {
  return { 200: { content: { 'application/json': { schema } }, description } };
}

/** A JSON request, for a route's `request`. */
export function body<T extends z.ZodType>(schema: T) {
  return { body: { content: { 'application/json': { schema } }, required: true } };
}
