import type { ContainerResult } from '../core/engine/index.js';
import { warn } from './engine.js';
import { printError } from './output.js';
import type { RunRequest } from './run-request.js';
import { SignalForwarder } from './signals.js';
import type { CallerTerminal } from './terminal.js';

/** A set-up that takes longer than this leaves the thread to the signals of the user. */
const PATIENCE_MS = 100;

/** Runs a container until its command ends. @returns the command's exit status */
export async function runForeground(request: RunRequest): Promise<number> {
  const terminal = await openTerminal(request);
  const signals = new SignalForwarder();
  try {
    const result = await runAttached(request, signals, terminal);
    await terminal?.drain();
    terminal?.restore();
    report(result, request);
    return result.status;
  } catch (error) {
    if (signals.abortStatus === undefined) throw error;
    return signals.abortStatus;
  } finally {
    terminal?.restore();
    signals.close();
    await closeQuietly(request);
  }
}

/** The command's status is what counts; what is left the next start takes back. */
async function closeQuietly({ engine, globals }: RunRequest): Promise<void> {
  try {
    await engine.close();
  } catch (error) {
    warn(`${(error as Error).message}; tsbox gc tries again`, globals);
  }
}

async function openTerminal({ engine, spec, interactive }: RunRequest): Promise<CallerTerminal | undefined> {
  if (!spec.tty) return undefined;
  const { CallerTerminal } = await import('./terminal.js');
  return new CallerTerminal(engine.gate, interactive);
}

async function runAttached(
  { engine, spec, interactive, onTrace }: RunRequest,
  signals: SignalForwarder,
  terminal: CallerTerminal | undefined,
): Promise<ContainerResult> {
  const stdin = interactive ? 'inherit' : 'ignore';
  const stdio = [stdin, 'inherit', 'inherit'] as const;
  const container = await engine.run(terminal?.sized(spec) ?? spec, {
    stdio,
    ...(onTrace && { onTrace }),
    signal: signals.aborted,
    patienceMs: PATIENCE_MS,
  });
  signals.attach(container);
  terminal?.attach(container);
  return container.wait();
}

function report(result: ContainerResult, { globals }: RunRequest): void {
  if (result.explanation !== undefined) printError(explanationLines(result));
  for (const error of result.undoErrors) warn(`${error.message}; tsbox gc tries again`, globals);
}

function explanationLines({ explanation, diagnosis }: ContainerResult): string {
  return `tsbox: ${explanation}\n${diagnosis === undefined ? '' : `  tsbox explain ${diagnosis}\n`}`;
}
