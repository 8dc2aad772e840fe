import type { Command } from 'commander';
import { parseSeconds, parseSignal } from '../core/config/parse/life.js';
import type { StopOptions } from '../core/containers/stop.js';

/** Containers, `-t` and `-s`, as `stop` and `restart` take them. */
export function addStopOptions(command: Command): Command {
  return command
    .argument('<container...>', 'name, id, or the beginning of an id')
    .option('-t, --time <seconds>', 'how long it may take before it is killed (default: 10)')
    .option('-s, --signal <signal>', 'instead of its stop signal');
}

export function readStopOptions(options: { readonly time?: string; readonly signal?: string }): StopOptions {
  const { time, signal } = options;
  return {
    ...(time !== undefined && { timeout: parseSeconds(flag('time', time)) }),
    ...(signal !== undefined && { signal: parseSignal(flag('signal', signal)) }),
  };
}

/** A value of a command's own flag, as the parsers of settings take it. */
export function flag(key: string, value: string) {
  return { value, place: { kind: 'flag' as const, key, directory: process.cwd() }, distance: 0 };
}
