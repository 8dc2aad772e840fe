import type { DriverInfo, LibraryEngine } from '../core/index.js';
import type { Candidate } from './report.js';

/** All drivers of a kind, those of plugins beside the built-in ones. */
export async function driverCandidates(engine: LibraryEngine, kind: DriverInfo['kind']): Promise<Candidate[]> {
  const drivers = (await engine.drivers()).filter((driver) => driver.kind === kind);
  return drivers.map(({ name, plugin, support }) => ({
    name,
    about: plugin,
    ...(!support.works && { skipped: support.reason }),
  }));
}
