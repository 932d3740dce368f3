import { createHash } from 'node:crypto';

/** Where the service says whether it has answered a text: 204 or 404. The text itself is not sent. */
export const answeredPath = (text: string): string =>
  `/polar/answered/${createHash('sha256').update(text).digest('hex')}`;
