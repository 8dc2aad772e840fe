import type { Engine } from '../engine/index.js';
import type { ProcessInfo } from '../kernel/process-table.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { holdContainer } from './held.js';
import { containerProcesses } from './processes.js';

/** The processes of a container that runs, by pid. @throws TsboxError when it does not */
export async function topContainer(engine: Engine, reference: string): Promise<ProcessInfo[]> {
  const held = await holdContainer(engine, reference, 'list the processes of');
  const found = containerProcesses(held);
  appendEvent({ gate: engine.gate, runroot: engine.paths.runroot }, containerEvent('top', held.container.record));
  return found;
}
