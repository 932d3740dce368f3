import type { ComponentChildren } from 'preact';

interface Props {
  readonly isOn: boolean;
  readonly onSwitch: (isOn: boolean) => void;
  readonly children: ComponentChildren;
}

/** A switch with words beside it. */
export function Switch({ isOn, onSwitch, children }: Props) {
  return (
    <label class="switch">
      <input
        type="checkbox"
        role="switch"
        checked={isOn}
        aria-checked={isOn}
        onChange={(event) => onSwitch(event.currentTarget.checked)}
      />
      <span class="knob" aria-hidden="true" />
      <span>{children}</span>
    </label>
  );
}
