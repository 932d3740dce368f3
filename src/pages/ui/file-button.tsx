import type { ComponentChildren } from 'preact';

interface Props {
  readonly accept: string;
  readonly multiple?: boolean;
  readonly class?: string;
  readonly onFiles: (files: File[]) => void;
  readonly children: ComponentChildren;
}

/** A button that asks for files. */
export function FileButton({ accept, multiple = false, class: kind = '', onFiles, children }: Props) {
  return (
    <label class={`button file ${kind}`}>
      {children}
      <input
        type="file"
        accept={accept}
        multiple={multiple}
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
