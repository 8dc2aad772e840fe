/** What one pass of garbage collection found and did. */
export interface GcReport {
  /** Ids of containers whose engine had died and of which nothing is left now. */
  readonly cleaned: string[];
  readonly failures: Error[];
}
