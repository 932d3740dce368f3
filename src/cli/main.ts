#!/usr/bin/env node
import { stdout } from 'node:process';
import { interruption } from './interruption.ts';
import { INTERRUPTED, runCommand } from './run-command.ts';

// LanceDB logs to stderr what polar says in one line of its own; set before its native part is loaded.
process.env.LANCEDB_LOG ??= 'error';

process.on('SIGINT', () => {
  if (interruption.signal.aborted) process.exit(INTERRUPTED); // twice: at once
  interruption.abort();
});
// `polar search ... | head` closes the pipe early, which is no error.
stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

await runCommand(process.argv.slice(2));
