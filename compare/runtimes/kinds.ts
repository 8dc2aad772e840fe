import type { Candidate } from '../report.js';
import { BUBBLEWRAP } from './bubblewrap.js';
import { DOCKER, PODMAN } from './engines.js';
import { ociRuntime } from './oci.js';
import { COMMAND_LINE, IN_PROCESS } from './own.js';
import type { RuntimeKind, RuntimeLab } from './runtime.js';

/** In the order of the report. */
const KINDS: readonly RuntimeKind[] = [
  IN_PROCESS,
  COMMAND_LINE,
  BUBBLEWRAP,
  ociRuntime('crun'),
  ociRuntime('runc'),
  PODMAN,
  DOCKER,
];

/** @throws Error when there is none of that name */
export function runtimeKind(name: string): RuntimeKind {
  const found = KINDS.find((kind) => kind.name === name);
  if (!found) throw new Error(`there is no runtime ${name}`);
  return found;
}

/** All of them, each with its version, or with why it is not measured. */
export function runtimeCandidates(lab: RuntimeLab): Promise<Candidate[]> {
  return Promise.all(
    KINDS.map(async ({ name, about }) => {
      try {
        return { name, about: await about(lab) };
      } catch (error) {
        return { name, skipped: (error as Error).message };
      }
    }),
  );
}
