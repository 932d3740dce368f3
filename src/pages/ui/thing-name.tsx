/** What a learnt thing is called, and of which class it is, each in its own direction. */
export function ThingName({ name, className }: { readonly name: string; readonly className: string | null }) {
  return (
    <span>
      <bdi>{name}</bdi>
      {className !== null && (
        <small>
          {' '}
          <bdi>{className}</bdi>
        </small>
      )}
    </span>
  );
}
