/**
 * The app's server: what `polar serve` runs.
 *
 * @module polar-vl/server
 */
export type { Api } from './app.ts';
export { type AppContext, openContext } from './context.ts';
export { type PageFile, readPageFiles } from './page-files.ts';
export { type RunningServer, type ServerOptions, startServer } from './start-server.ts';
