import type { EncodedProgram } from '../program/encode.js';
import { ProgramTemplate } from '../program/template.js';
import type { BarrierKind } from './engine-ops.js';
import type { LaunchState } from './launch-state.js';

/** Of some fifty kilobytes each. */
const MOST = 16;
const SHORT = 12;

/** What else a program depends on that the launch does not say. */
export interface ProgramCircumstances {
  readonly barrier: BarrierKind;
  readonly nullFds: readonly number[];
  /** Of the plugins and drivers that record; undefined: one of them cannot say. */
  readonly recordKey: string | undefined;
}

/**
 * The encoded programs of an engine, by all that they depend on: to record and to encode one is the largest part of
 * what a launch costs in JavaScript, and most launches of an engine are like an earlier one.
 */
export class KeptPrograms {
  readonly #templates = new Map<string, ProgramTemplate>();
  #launches = 0;

  /**
   * What names the program of a launch; undefined where it is recorded anew. That of the first launch is not kept:
   * a command line has only one.
   */
  keyOf(state: LaunchState, { barrier, nullFds, recordKey }: ProgramCircumstances): string | undefined {
    if (this.#launches++ === 0 || recordKey === undefined || state.observer || !state.journal) return undefined;
    const { id, spec, image, command, hostname, network, drivers, idMaps, cgroup, rootfs, namespaces } = state;
    const { name: _, ...asked } = spec;
    const names = Object.values(drivers).map((driver) => driver?.name);
    const text = JSON.stringify([
      [barrier, nullFds, recordKey, names, [...namespaces], idMaps, cgroup, rootfs, hostname, state.again],
      [image.layers, image.host, command, network.chosen.peer?.directory, asked],
    ]);
    // JSON has no raw control characters: no text of the user's is taken for these.
    return text.replaceAll(id, '\x00').replaceAll(id.slice(0, SHORT), '\x01');
  }

  /** The program that was kept under a key, for the container at hand. */
  find(key: string, id: string): EncodedProgram | undefined {
    const template = this.#templates.get(key);
    if (!template) return undefined;
    // The last that were used stay.
    this.#templates.delete(key);
    this.#templates.set(key, template);
    return template.for(id);
  }

  keep(key: string, program: EncodedProgram, id: string): void {
    this.#templates.set(key, new ProgramTemplate(program, id));
    const [oldest] = this.#templates.keys();
    if (this.#templates.size > MOST && oldest !== undefined) this.#templates.delete(oldest);
  }
}
