// What stands between polar and an immich server: the service that answers its text requests, and its API.
export { type AlbumSummary, fillAlbum } from './album.ts';
export { ImmichApi, PERMISSIONS } from './api.ts';
export { parseSource } from './assets.ts';
export { type ImmichConnection, readConnection, saveConnection, serverUrl } from './connection.ts';
export { type ConnectedServer, describeServer } from './describe-server.ts';
export { findBySmartSearch, findIndexed } from './find-photos.ts';
export { indexImmich } from './library/index-library.ts';
export { watchImmich } from './library/watch-library.ts';
export { type ImmichService, type ImmichServiceOptions, startImmichService } from './serve.ts';
export { ImmichPhotos, requireServer } from './shown-photos.ts';
export { TrainingPreviews } from './training-previews.ts';
