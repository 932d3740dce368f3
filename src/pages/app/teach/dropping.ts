import { signal } from '@preact/signals';
import { bringIn } from './teaching.ts';

/** Whether files are being held over the page. */
export const isHovering = signal(false);

/** Takes pictures that are dropped anywhere on the page, to learn from. */
export function takeDrops(): void {
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
  addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    isHovering.value = true;
  });
  addEventListener('dragleave', (event) => {
    if (event.relatedTarget === null) isHovering.value = false;
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    isHovering.value = false;
    void bringIn([...event.dataTransfer!.files]);
  });
}
