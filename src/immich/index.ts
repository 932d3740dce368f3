// What stands between polar and an immich server: the service that answers its text requests, and its API.
export { type ImmichService, type ImmichServiceOptions, startImmichService } from './serve.ts';
