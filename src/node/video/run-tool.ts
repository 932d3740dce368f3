import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** The two programs of FFmpeg that read videos. */
export type VideoTool = 'ffmpeg' | 'ffprobe';

/** How much a run may take; the program is killed at either. */
export interface ToolLimits {
  readonly seconds: number;
  /** Of its output. */
  readonly bytes: number;
}

const run = promisify(execFile);

/**
 * Runs a program of FFmpeg from the PATH, without a shell and without input.
 *
 * @throws Error in the program's words, or one that begins with "timeout"
 */
export async function runTool(
  tool: VideoTool,
  args: readonly string[],
  limits: ToolLimits,
): Promise<Uint8Array> {
  try {
    const { stdout } = await run(tool, args, {
      encoding: 'buffer',
      maxBuffer: limits.bytes,
      timeout: limits.seconds * 1000,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    return stdout;
  } catch (error) {
    const { code, killed, stderr } = error as { code?: unknown; killed?: boolean; stderr?: Buffer };
    if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') throw new Error(`${tool} wrote too much`);
    if (killed === true) throw new Error(`timeout: ${tool} took longer than ${limits.seconds} s`);
    if (code === 'ENOENT') throw new Error(`${tool} is not on the PATH`);
    throw new Error(lastLine(stderr) ?? `${tool} failed`);
  }
}

const LONGEST_REASON = 200;

function lastLine(stderr: Buffer | undefined): string | undefined {
  return stderr?.toString().trim().split('\n').at(-1)?.slice(0, LONGEST_REASON) || undefined;
}

/** Whether both programs are there. */
export async function hasVideoTools(): Promise<boolean> {
  const limits = { seconds: 20, bytes: 1e6 };
  try {
    await Promise.all([runTool('ffmpeg', ['-version'], limits), runTool('ffprobe', ['-version'], limits)]);
    return true;
  } catch {
    return false;
  }
}
