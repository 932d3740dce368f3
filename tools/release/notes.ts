/**
 * The part of a changelog about one version, without its heading.
 *
 * @throws Error where the changelog has nothing about it
 */
export function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => /^\S+/.exec(text)?.[0] === version);
  const notes = section?.slice(section.indexOf('\n')).trim();
  if (!notes)
    throw new Error(`CHANGELOG.md: found nothing under "## ${version}"; describe this version there`);
  return `${notes}\n`;
}
