import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Busboy, type BusboyFileStream, type BusboyHeaders } from '@fastify/busboy';
import { HTTPException } from 'hono/http-exception';
import { PolarError } from '../../errors.ts';
import { tell } from '../../messages.ts';
import { count } from '../../words.ts';

/** What a form may hold; beyond, the request is refused and the rest of it not read. */
export interface FormLimits {
  readonly files: number;
  /** Bytes of one file; a larger one is cut there. */
  readonly fileBytes: number;
}

/** A file of a form, as it arrives. */
export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly stream: Readable;
  /** Whether it was cut, once the stream has ended. */
  isCut(): boolean;
}

// The forms of the app have one field besides their files.
const FIELDS = 5;
const FIELD_BYTES = 1000;
const HEADER_PAIRS = 20;

/**
 * Reads a form as it arrives, one file after the other, so that neither the number of its parts nor their size takes
 * memory or time beyond the limits.
 *
 * @param onFile must read the stream to its end; the next file waits for it
 * @returns the fields by name
 * @throws HTTPException 413 when it holds more than the limits; PolarError when it is no form, or broken off
 */
export async function readForm(
  request: Request,
  limits: FormLimits,
  onFile: (file: FormFile) => Promise<void>,
): Promise<ReadonlyMap<string, string>> {
  const fields = new Map<string, string>();
  const source = Readable.fromWeb((request.body ?? new Blob([]).stream()) as ReadableStream);
  const parser = openParser(request, limits);
  const streams: Readable[] = [];
  let isRefused = false;
  let turn = Promise.resolve();
  try {
    await new Promise<void>((resolve, reject) => {
      const tooMany = (what: string) => () =>
        reject(new HTTPException(413, { message: tell('server.many', { limit: what }) }));
      parser.on('filesLimit', tooMany(count(limits.files, 'file')));
      parser.on('fieldsLimit', tooMany(`${FIELDS} fields`));
      parser.on('partsLimit', tooMany(`${limits.files + FIELDS} parts`));
      parser.on('field', (name, value, isNameCut, isValueCut) => {
        if (isNameCut || isValueCut) tooMany(`${FIELD_BYTES} bytes in a field`)();
        else fields.set(name, value);
      });
      parser.on('file', (field, stream: BusboyFileStream, name) => {
        const file = { field, name: name ?? '', stream, isCut: () => stream.truncated === true };
        streams.push(stream);
        turn = turn.then(() => (isRefused ? undefined : onFile(file)));
        turn.catch(reject);
      });
      parser.once('finish', resolve);
      for (const stream of [source, parser]) {
        stream.once('error', () => reject(new PolarError(tell('server.form'))));
      }
      source.pipe(parser);
    });
    await turn;
    return fields;
  } catch (error) {
    isRefused = true;
    source.unpipe(parser);
    const cause = new Error('the form was refused');
    for (const stream of [source, parser, ...streams]) stream.on('error', () => {}).destroy(cause);
    await turn.catch(() => {}); // whoever reads a file has noticed, and leaves nothing behind
    throw error;
  }
}

function openParser(request: Request, { files, fileBytes }: FormLimits): InstanceType<typeof Busboy> {
  const headers = { 'content-type': request.headers.get('content-type') ?? '' } as BusboyHeaders;
  try {
    return new Busboy({
      headers,
      limits: {
        files,
        fileSize: fileBytes,
        fields: FIELDS,
        fieldSize: FIELD_BYTES,
        fieldNameSize: FIELD_BYTES,
        parts: files + FIELDS,
        headerPairs: HEADER_PAIRS,
      },
    });
  } catch {
    throw new PolarError('not a form of files; expected multipart/form-data');
  }
}
