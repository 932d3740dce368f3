// The part of libheif's JavaScript that is used here: its package has types of the compiled functions alone.
declare module 'libheif-js/wasm-bundle' {
  interface Picture {
    is_primary(): boolean;
    get_width(): number;
    get_height(): number;
    /** Fills `image` and gives it to `done`, or null where the picture is damaged. */
    display(image: ImageData, done: (shown: ImageData | null) => void): void;
    free(): void;
  }
  const libheif: {
    readonly ready: Promise<unknown>;
    readonly HeifDecoder: new () => {
      decode(bytes: Uint8Array): Picture[];
      /** What is held in WebAssembly's memory, to be deleted. */
      readonly decoder: { delete(): void };
    };
  };
  export default libheif;
}
