import { useRef, useState } from 'preact/hooks';
import { Dialog } from '../../ui/dialog.tsx';
import { say } from '../../words/say.ts';
import { ask, server, viewUrl } from '../api.ts';
import { attempt } from '../store.ts';
import { boxOf, type Point } from './crop-box.ts';
import { type Example, replaceExample } from './teaching.ts';

interface Props {
  readonly example: Example;
  readonly onClose: () => void;
}

/** Draws a box around the thing: the part takes the place of the photo. */
export function CropDialog({ example, onClose }: Props) {
  const picture = useRef<HTMLImageElement>(null);
  const [ends, setEnds] = useState<readonly [Point, Point]>();
  const at = (event: PointerEvent): Point => {
    const { left, top, width, height } = picture.current!.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  };
  const box = ends === undefined ? undefined : boxOf(...ends);
  const crop = () =>
    attempt(async () => {
      const { naturalWidth, naturalHeight } = picture.current!;
      const { left, top, width, height } = box!;
      const canvas = new OffscreenCanvas(
        Math.round(width * naturalWidth),
        Math.round(height * naturalHeight),
      );
      canvas
        .getContext('2d')!
        .drawImage(picture.current!, -Math.round(left * naturalWidth), -Math.round(top * naturalHeight));
      const blob = await canvas.convertToBlob({ type: 'image/png' });
      const name = `${say('crop.part', { name: example.name.replace(/\.\w+$/, '') })}.png`;
      const { photos } = await ask(server.uploads.$post({ form: { photos: [new File([blob], name)] } }));
      if (photos[0] !== undefined) replaceExample(example.id, photos[0]);
      onClose();
    });
  return (
    <Dialog title={say('crop.title')} onClose={onClose}>
      <div
        class="crop"
        onPointerDown={(event) => {
          event.preventDefault();
          event.currentTarget.setPointerCapture(event.pointerId);
          const point = at(event);
          setEnds([point, point]);
        }}
        onPointerMove={(event) => {
          if (event.buttons === 1 && ends !== undefined) setEnds([ends[0], at(event)]);
        }}
      >
        <img ref={picture} src={viewUrl(example.id)} alt={example.name} draggable={false} />
        {box !== undefined && (
          <span
            class="frame"
            style={{
              left: `${100 * box.left}%`,
              top: `${100 * box.top}%`,
              width: `${100 * box.width}%`,
              height: `${100 * box.height}%`,
            }}
          />
        )}
      </div>
      <div class="buttons">
        <button type="button" onClick={onClose}>
          {say('crop.keep')}
        </button>
        <button type="button" class="main" disabled={box === undefined || box.isSmall} onClick={crop}>
          {say('crop.use')}
        </button>
      </div>
    </Dialog>
  );
}
