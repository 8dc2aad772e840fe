import { readlinkSync } from 'node:fs';
import type { Box } from '../../core/index.js';
import type { Gate } from '../../core/kernel/gate.js';
import type { ComparisonContext } from '../context.js';
import { Actor, type WorkerProcess } from './actor.js';
import { WORKER_CODE, type WorkerAddress } from './worker.js';

/** With `stdio: 'pipe'` a box has all three. */
type WorkerStreams = Omit<WorkerProcess, 'end'>;

/** The image that has the Node of this process: this machine's root, copy on write. */
const HOST_IMAGE = 'host';

/** What the trials of all drivers have in common. */
export interface Lab {
  readonly context: ComparisonContext;
  readonly gate: Gate;
}

/** A container with a worker in it. */
export interface InContainer extends Actor {
  readonly box: Box;
  /** The network is that of the host. */
  readonly shares: boolean;
  readonly addresses: readonly WorkerAddress[];
}

export function imageOf({ context }: Pick<Lab, 'context'>): string {
  return context.options.image ?? HOST_IMAGE;
}

/** What every container of this comparison is started with. */
export function containerOptions(lab: Pick<Lab, 'context'>, network: string) {
  const { label, signal } = lab.context;
  return { image: imageOf(lab), network, name: lab.context.containerName(network), label: [label], signal };
}

/**
 * Starts a worker in a container.
 * @param publish as `-p` takes it
 * @throws TsboxError what the driver says
 */
export async function startInContainer(
  lab: Lab,
  network: string,
  publish: readonly string[] = [],
): Promise<InContainer> {
  const box = await lab.context.engine.run({
    ...containerOptions(lab, network),
    ...nodeOf(lab),
    ...(publish.length > 0 && { publish }),
    stdio: 'pipe',
  });
  const end = () => box[Symbol.asyncDispose]();
  try {
    const { stdin, stdout, stderr } = box as unknown as WorkerStreams;
    const actor = new Actor({ stdin, stdout, stderr, end });
    const addresses = await actor.ask<WorkerAddress[]>({ act: 'addresses' });
    const shares = readlinkSync(`/proc/${box.pid}/ns/net`) === readlinkSync('/proc/self/ns/net');
    return Object.assign(actor, { box, shares, addresses });
  } catch (error) {
    await end();
    throw error;
  }
}

/** Where this Node lies on a file system of its own, an overlay of the root has an empty directory: hence the bind. */
function nodeOf(lab: Lab): { readonly command: readonly string[]; readonly volume?: readonly string[] } {
  const own = process.execPath;
  if (imageOf(lab) !== HOST_IMAGE) return { command: ['node', '-e', WORKER_CODE] };
  return { command: [own, '-e', WORKER_CODE], volume: [`${own}:${own}:ro`] };
}
