import { z } from 'zod';

/** A text that immich wants the embedding of. */
export interface TextRequest {
  readonly modelName: string;
  readonly text: string;
}

/** A request whose body is larger is no text: a sentence of CLIP has at most 77 tokens. */
export const MAX_TEXT_BODY = 64 * 1024;

// Exactly one task of exactly one kind; with anything more the original has something to say.
const Entries = z.strictObject({
  clip: z.strictObject({
    textual: z.strictObject({
      modelName: z.string().min(1).max(200),
      options: z.strictObject({ language: z.string().nullish() }).optional(),
    }),
  }),
});

/**
 * Reads the body of `POST /predict` where it asks for the embedding of a text and nothing else.
 *
 * @param contentType with the boundary of the multipart body
 * @returns undefined for everything else, malformed bodies included: that is the original's to answer
 */
export async function readTextRequest(
  contentType: string,
  body: Uint8Array,
): Promise<TextRequest | undefined> {
  if (!/^multipart\/form-data\s*;/i.test(contentType)) return undefined;
  const form = await new Response(body as Uint8Array<ArrayBuffer>, {
    headers: { 'content-type': contentType },
  })
    .formData()
    .catch(() => undefined);
  if (form === undefined) return undefined;
  const fields = [...form];
  const [entries, text] = [form.get('entries'), form.get('text')];
  if (fields.length !== 2 || typeof entries !== 'string' || typeof text !== 'string') return undefined;
  const { data } = Entries.safeParse(parseJson(entries));
  return data === undefined ? undefined : { modelName: data.clip.textual.modelName, text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The answer to a text: immich wants the JSON array inside a JSON string. */
export const encodeAnswer = (embedding: Float32Array): string =>
  JSON.stringify({ clip: JSON.stringify(Array.from(embedding, (x) => Number(x.toPrecision(FLOAT_DIGITS)))) });

// Enough for every float32 to come back as it was.
const FLOAT_DIGITS = 9;
