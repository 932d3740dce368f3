import { Fragment } from 'preact';

/** The name of a model, broken over lines at its separators; a hyphen breaks by itself. */
export function ModelName({ name }: { readonly name: string }) {
  return (
    <bdi dir="ltr">
      {name.split(/(?<=[/_])(?=[^/_])/).map((part, index) => (
        <Fragment key={index}>
          {index > 0 && <wbr />}
          {part}
        </Fragment>
      ))}
    </bdi>
  );
}

/**
 * A path of the disk: from left to right whatever the page's direction and that of its names, and broken over lines at
 * its separators.
 */
export function Path({ path }: { readonly path: string }) {
  return (
    <bdi class="at" dir="ltr">
      {path.split(/([/\\]+)/).map((part, index) =>
        index % 2 === 0 ? (
          <bdi key={index}>{part}</bdi>
        ) : (
          <Fragment key={index}>
            {part}
            <wbr />
          </Fragment>
        ),
      )}
    </bdi>
  );
}
