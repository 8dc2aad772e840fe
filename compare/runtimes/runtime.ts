import type { ComparisonContext } from '../context.js';

/** Something that runs a command in a container: ourselves, or a program that is installed. */
export interface Runtime {
  /**
   * Runs a command in a new container; resolves when both are gone.
   * @param heard is called when the first byte of its output is here; without it the output goes nowhere
   * @throws Error when it does not end with 0
   */
  run(command: readonly string[], heard?: () => void): Promise<void>;
  /** A container that stays, for `exec`. @throws Error why there is none */
  hold(): Promise<HeldContainer>;
  /** Ends what runs yet, and takes back what all of its containers had in common. */
  close(): Promise<void>;
}

export interface HeldContainer {
  /** Runs a command in it. @throws Error when it does not end with 0 */
  exec(command: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** A runtime that may be here. */
export interface RuntimeKind {
  readonly name: string;
  /** Its version, and what is not as it is with tsbox. @throws Error why it cannot be measured */
  about(lab: RuntimeLab): Promise<string>;
  open(lab: RuntimeLab): Runtime;
}

/** What a runtime needs of a comparison. */
export type RuntimeContext = Pick<
  ComparisonContext,
  'engine' | 'paths' | 'scratch' | 'label' | 'containerName' | 'signal'
>;

/** What all of them have in common. */
export interface RuntimeLab {
  readonly context: RuntimeContext;
  readonly subject: Subject;
}

/** What all of them run. */
export interface Subject {
  /** The root file system, a directory. Nothing is written to it. */
  readonly rootfs: string;
  /** A `config.json` of the OCI runtime specification for a command in it, as tsbox would start that. */
  oci(command: readonly string[]): Promise<string>;
}

/** A command that stays for as long as its input does: it ends with whoever holds that, however that dies. */
export const STAY = ['cat'] as const;
