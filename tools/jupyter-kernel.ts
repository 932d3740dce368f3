import { type ChildProcess, spawn } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Dealer, Subscriber } from 'zeromq';

/** What a cell gave, as a notebook file keeps it (nbformat 4). */
export type Output =
  | { output_type: 'stream'; name: string; text: string }
  | { output_type: 'execute_result'; execution_count: number; data: Data; metadata: object }
  | { output_type: 'display_data'; data: Data; metadata: object }
  | { output_type: 'error'; ename: string; evalue: string; traceback: string[] };
type Data = Record<string, unknown>;

/** A running kernel. */
export interface Kernel {
  /**
   * Runs a cell; an error in it is an output, too. Deno's kernel says now and then that a cell is done before it gives
   * what the cell displayed: that is added to the array when it comes, `settle` waits for it.
   */
  execute(code: string): Promise<Output[]>;
  /** Waits until nothing more comes. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

interface Message {
  readonly header: { readonly msg_id: string; readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: Record<string, unknown>;
}

const DELIMITER = '<IDS|MSG>';
const START_TIMEOUT_MS = 60_000;
const QUIET_MS = 1000;

/**
 * Starts a Jupyter kernel and talks to it as a notebook does (Jupyter's messaging protocol 5.3 over ZeroMQ), so that a
 * notebook can be executed where no Jupyter is installed.
 *
 * @param command the kernel's command; the path of its connection file is added
 * @param cwd where it runs
 */
export async function startKernel(
  command: readonly [string, ...string[]],
  cwd: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Kernel> {
  const folder = await mkdtemp(join(tmpdir(), 'polar-kernel-'));
  const [shellPort, iopubPort, stdinPort, controlPort, heartbeatPort] = await freePorts(5);
  const key = randomUUID();
  const connection = join(folder, 'connection.json');
  await writeFile(
    connection,
    JSON.stringify({
      transport: 'tcp',
      ip: '127.0.0.1',
      shell_port: shellPort,
      iopub_port: iopubPort,
      stdin_port: stdinPort,
      control_port: controlPort,
      hb_port: heartbeatPort,
      key,
      signature_scheme: 'hmac-sha256',
    }),
  );
  const [program, ...args] = command;
  const child = spawn(program, [...args, connection], { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const shell = new Dealer();
  const iopub = new Subscriber();
  shell.connect(`tcp://127.0.0.1:${shellPort}`);
  iopub.connect(`tcp://127.0.0.1:${iopubPort}`);
  iopub.subscribe();

  const session = randomUUID();
  const send = async (type: string, content: object, id: string = randomUUID()): Promise<void> => {
    const header = {
      msg_id: id,
      session,
      username: 'polar',
      date: new Date().toISOString(),
      msg_type: type,
      version: '5.3',
    };
    const parts = [header, {}, {}, content].map((part) => JSON.stringify(part));
    const signature = createHmac('sha256', key);
    for (const part of parts) signature.update(part);
    await shell.send([DELIMITER, signature.digest('hex'), ...parts]);
  };
  const close = async (): Promise<void> => {
    shell.close();
    iopub.close();
    await stop(child);
    await rm(folder, { recursive: true });
  };

  const ended = once(child, 'exit').then(() => {
    throw new Error(`the kernel has ended: ${stderr.trim().split('\n').slice(-5).join(' ')}`);
  });
  ended.catch(() => {}); // it ends at last in any case; whoever waits for an answer is told
  const cells = new Map<string, { readonly outputs: Output[]; readonly done: () => void }>();
  let lastHeard = 0;
  const listen = async (): Promise<void> => {
    for await (const { header, parent_header: parent, content } of readMessages(iopub)) {
      lastHeard = performance.now();
      const cell = cells.get(parent.msg_id ?? '');
      if (cell === undefined) continue;
      if (header.msg_type === 'status' && content.execution_state === 'idle') cell.done();
      else collect(cell.outputs, header.msg_type, content);
    }
  };
  void listen();

  try {
    await Promise.race([ready(send, () => lastHeard > 0), ended, refuseAfter(START_TIMEOUT_MS)]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    async execute(code) {
      const outputs: Output[] = [];
      const id = randomUUID();
      const done = new Promise<void>((resolve) => cells.set(id, { outputs, done: resolve }));
      const request = {
        code,
        silent: false,
        store_history: true,
        user_expressions: {},
        allow_stdin: false,
        stop_on_error: true,
      };
      await send('execute_request', request, id);
      await Promise.race([done, ended]);
      return outputs;
    },
    async settle() {
      do await sleep(QUIET_MS);
      while (performance.now() - lastHeard < QUIET_MS);
    },
    close,
  };
}

async function* readMessages(socket: Subscriber): AsyncGenerator<Message, void> {
  for await (const frames of socket) {
    const start = frames.findIndex((frame) => String(frame) === DELIMITER);
    const [header, parent, , content] = frames.slice(start + 2).map((frame) => JSON.parse(String(frame)));
    yield { header, parent_header: parent, content };
  }
}

/** A subscription takes a moment: the kernel is asked again until its answer is heard. */
async function ready(
  send: (type: string, content: object) => Promise<void>,
  isHeard: () => boolean,
): Promise<void> {
  while (!isHeard()) {
    await send('kernel_info_request', {});
    await sleep(200);
  }
}

function collect(outputs: Output[], type: string, content: Record<string, unknown>): void {
  const last = outputs.at(-1);
  if (type === 'stream') {
    const { name, text } = content as { name: string; text: string };
    if (last?.output_type === 'stream' && last.name === name) last.text += text;
    else outputs.push({ output_type: 'stream', name, text });
  } else if (type === 'execute_result' || type === 'display_data' || type === 'error') {
    const { transient: _, ...kept } = content;
    outputs.push({ output_type: type, ...kept } as Output);
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

async function refuseAfter(milliseconds: number): Promise<never> {
  await sleep(milliseconds, undefined, { ref: false });
  throw new Error(`the kernel gives no answer within ${milliseconds / 1000} s`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL'); // a kernel has nothing to save
  await gone;
}
