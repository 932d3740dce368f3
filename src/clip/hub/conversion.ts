import { isCommit } from './checks.ts';

/** Asks the hub for JSON; undefined where it has none. */
export type ReadJson = (url: string) => Promise<unknown>;

interface Discussion {
  readonly num?: unknown;
  readonly title?: unknown;
  readonly status?: unknown;
  readonly isPullRequest?: unknown;
  readonly author?: { readonly name?: unknown };
}

// The hub's own conversion service, which opens such a pull request where weights are PyTorch pickles only; one by
// anybody else could hold anything.
const CONVERTER = 'SFconvertbot';
const TITLE = 'Adding `safetensors` variant of this model';
// A popular model has a few hundred discussions, some 50 a page; the filters leave a handful of them.
const MAX_PAGES = 20;

/**
 * The commit of a repository's conversion to safetensors, for repositories whose own branch has none (OpenAI's
 * ViT-B/32 is one): the open pull request of the hub's conversion service on top of `commit`, as transformers takes it.
 *
 * @param api address of the repository in the hub's API
 * @returns undefined where there is none
 */
export async function findConversion(
  api: string,
  commit: string,
  readJson: ReadJson,
): Promise<string | undefined> {
  const filter = `type=pull_request&status=open&author=${CONVERTER}`;
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = (await readJson(`${api}/discussions?p=${page}&${filter}`)) as
      | { discussions?: unknown }
      | undefined;
    const discussions = Array.isArray(answer?.discussions) ? (answer.discussions as Discussion[]) : [];
    if (discussions.length === 0) return undefined;
    for (const { num } of discussions.filter(isConversion)) {
      const commits = await readJson(`${api}/commits/${encodeURIComponent(`refs/pr/${num}`)}`);
      const [head, parent] = Array.isArray(commits) ? (commits as { id?: unknown }[]) : [];
      if (parent?.id === commit && isCommit(head?.id)) return head.id;
    }
  }
  return undefined;
}

const isConversion = ({ num, title, status, isPullRequest, author }: Discussion): boolean =>
  isPullRequest === true &&
  status === 'open' &&
  title === TITLE &&
  author?.name === CONVERTER &&
  Number.isSafeInteger(num);
