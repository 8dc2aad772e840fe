import { type LogEntry, readLog } from '../../core/log/index.js';

/** What a command wrote, by stream. */
export interface Output {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly entries: readonly LogEntry[];
}

export async function outputIn(directory: string): Promise<Output> {
  const entries: LogEntry[] = [];
  for await (const entry of readLog(directory)) entries.push(entry);
  const of = (name: string) => Buffer.concat(entries.filter(({ stream }) => stream === name).map(({ text }) => text));
  return { stdout: of('stdout'), stderr: of('stderr'), entries };
}
