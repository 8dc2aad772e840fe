import type { FailureFacts } from '../plugin/error.js';
import type { HostLook } from './look/host-look.js';

/** A failure that is understood: why it happens, and what mends it. */
export interface Diagnosis {
  /** Words with hyphens: `overlay-on-overlay`. Never changes, because scripts and pages name it. */
  readonly id: string;
  readonly title: string;
  /** One sentence, or two. */
  readonly why: string;
  /** Each is one line, where possible a command. */
  readonly fix: readonly string[];
  /** Manual pages. */
  readonly see?: readonly string[];
}

/** What is different about this case of it: replaces the words of the diagnosis. */
export interface Finding {
  readonly why?: string;
  readonly fix?: readonly string[];
}

/** What a launch was when it failed. Plain data, and a way to look at its files. */
export interface LaunchFacts {
  readonly root: string;
  readonly runroot: string;
  /** Not there while the request is still being read. */
  readonly container?: string;
  readonly drivers?: Readonly<Record<string, string>>;
  readonly layers?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly command?: { readonly argv: readonly string[]; readonly env: readonly string[]; readonly uid: number };
  readonly noNewPrivileges?: boolean;
  readonly capabilities?: readonly string[];
  /** Where a path of the container is on the host, and how it is mounted. */
  readonly files?: ContainerFiles;
}

/** A file of a container that does not run, or no longer, or not yet. */
export interface FoundFile {
  /** The way on the host to the directory or file whose mount it is on. */
  readonly origin: string;
  readonly mode: number;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
  /** Mount flags that the container gives it: `noexec`. */
  readonly flags: readonly string[];
  /** The first bytes; undefined where they cannot be read. */
  read(offset: number, length: number): Uint8Array | undefined;
}

export interface ContainerFiles {
  /** Undefined where there is no such file, links resolved inside. */
  find(path: string): FoundFile | undefined;
}

export interface Failure {
  readonly facts: FailureFacts;
  readonly launch?: LaunchFacts;
  readonly host: HostLook;
}

/** Recognizes a failure by its facts; errors whose author knows the id need none. */
export type Matcher = (failure: Failure) => Finding | undefined;

export interface CatalogueEntry extends Diagnosis {
  readonly match?: Matcher;
}
