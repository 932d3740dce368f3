import type { ComponentChildren } from 'preact';

interface Props {
  readonly accept?: string;
  readonly multiple?: boolean;
  /** Asks for a folder with all that is in it. */
  readonly folder?: boolean;
  readonly disabled?: boolean;
  readonly class?: string;
  readonly onFiles: (files: File[]) => void;
  readonly children: ComponentChildren;
}

/** A button that asks for files. */
export function FileButton(props: Props) {
  const {
    accept,
    multiple = false,
    folder = false,
    disabled = false,
    class: kind = '',
    onFiles,
    children,
  } = props;
  return (
    <label class={`button file ${kind}`}>
      {children}
      <input
        type="file"
        accept={accept}
        multiple={multiple || folder}
        disabled={disabled}
        ref={(input) => {
          if (folder) input?.setAttribute('webkitdirectory', '');
        }}
        onChange={({ currentTarget: input }) => {
          onFiles([...(input.files ?? [])]);
          input.value = '';
        }}
      />
    </label>
  );
}

/** Picture types that the server reads. */
export const PICTURES = 'image/*,.heic,.heif';
