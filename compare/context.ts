import type { LibraryEngine } from '../core/index.js';
import type { Candidate } from './report.js';
import type { Workload } from './workload.js';

/** What is compared, and with what. */
export interface ComparisonOptions {
  /** Default: what the kind of comparison makes for itself. */
  readonly image?: string;
  /** Size of the image that is made where none is given. */
  readonly imageBytes?: number;
  /** Names of candidates; default: all that work here. */
  readonly drivers?: readonly string[];
  /** Names of workloads; default: all, or with a command that alone. */
  readonly workloads?: readonly string[];
  /** The user's own workload: absolute path of a file on the host that can be executed in the containers. */
  readonly command?: string;
}

/** What makes candidates and workloads of a comparison. */
export interface ComparisonContext {
  readonly engine: LibraryEngine;
  /** Where the engine keeps its state. */
  readonly paths: { readonly root: string; readonly runroot: string };
  /** An empty directory below the root, removed at the end with all that is in it. */
  readonly scratch: string;
  /** Has to be on every container that is made: whoever comes after a killed comparison finds them by it. */
  readonly label: string;
  /** A name for a container that nobody has: `compare-5f3a-overlay-12`. */
  containerName(candidate: string): string;
  /** A name for an image that nobody has; the image is removed at the end, if it is there. */
  imageName(): string;
  readonly options: ComparisonOptions;
  /** Aborted when the user has enough; what takes long listens. */
  readonly signal: AbortSignal;
  readonly onWarning: (message: string) => void;
  /** Says what goes on before the first round. */
  readonly onPreparing: (what: string) => void;
}

/** What a kind of comparison is made of. */
export interface Plan {
  readonly candidates: readonly Candidate[];
  readonly workloads: readonly Workload[];
  /** What all candidates are given, for the report. */
  readonly subject?: Readonly<Record<string, string | number>>;
}
