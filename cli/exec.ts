import type { Command } from 'commander';
import { type ExecRequest, resolveExec } from '../core/config/resolve-exec.js';
import type { ContainerResult } from '../core/engine/index.js';
import { openSession, type Session, warn } from './engine.js';
import { type Globals, readGlobals } from './globals.js';
import { printError } from './output.js';
import { givenSettings } from './run-options.js';
import { SignalForwarder } from './signals.js';
import type { CallerTerminal } from './terminal.js';

/** Executes a command in a running container. @returns the command's exit status; 0 of a detached one that runs */
export async function execCommand(name: string, command: readonly string[], parsed: Command): Promise<number> {
  const globals = readGlobals(parsed, process.env);
  const values = givenSettings(parsed);
  const asked = resolveExec({ kind: 'flag', directory: process.cwd(), values }, process.env);
  const session = await openSession(globals);
  try {
    if (asked.detach) return await execInBackground(name, command, asked, { ...session, globals });
    return await execInForeground(name, command, asked, session);
  } finally {
    await session.engine.close();
  }
}

async function execInBackground(
  name: string,
  command: readonly string[],
  asked: ExecRequest,
  { engine, globals }: Session & { readonly globals: Globals },
): Promise<number> {
  // Its other end would be closed with us, and the command hung up.
  if (asked.tty) warn('with --detach nobody holds a terminal: -t is left out', globals);
  await engine.execDetached(name, { ...asked, command });
  return 0;
}

async function execInForeground(
  name: string,
  command: readonly string[],
  asked: ExecRequest,
  { engine }: Session,
): Promise<number> {
  const terminal = await openTerminal(engine, asked);
  const signals = new SignalForwarder();
  try {
    const stdin = asked.interactive ? 'inherit' : 'ignore';
    const stdio = [stdin, 'inherit', 'inherit'] as const;
    const options = { ...asked, command, stdio, signal: signals.aborted, ...(await sizeOf(terminal)) };
    const running = await engine.exec(name, options);
    signals.attach(running);
    terminal?.attach(running);
    const result = await running.wait();
    await terminal?.drain();
    terminal?.restore();
    explain(result);
    return result.status;
  } catch (error) {
    if (signals.abortStatus === undefined) throw error;
    return signals.abortStatus;
  } finally {
    terminal?.restore();
    signals.close();
  }
}

async function openTerminal({ gate }: Session['engine'], asked: ExecRequest): Promise<CallerTerminal | undefined> {
  if (!asked.tty) return undefined;
  const { CallerTerminal } = await import('./terminal.js');
  return new CallerTerminal(gate, asked.interactive);
}

async function sizeOf(terminal: CallerTerminal | undefined) {
  if (!terminal) return {};
  const { terminalSize } = await import('./terminal.js');
  return { terminalSize: terminalSize() };
}

function explain({ explanation }: ContainerResult): void {
  if (explanation !== undefined) printError(`tsbox: ${explanation}\n`);
}
