import {
  type ChildProgram,
  type Gate,
  type Host,
  type Launch,
  type Support,
  TsboxError,
  type UserRange,
  type UsernsDriver,
} from '../../core/plugin/index.js';
import { canMapOwners } from './idmapped-trees.js';
import { covered, type IdRange, isWithin, type MapName, parseMap, rangeMaps, rangeProblem } from './id-maps.js';
import { findHelpers } from './id-helpers.js';
import { attachUserNamespace, enterMaps, recordUserNamespace, requireMappedIds } from './map-steps.js';
import { OLD_KERNEL, type ReadProc, readProc, usernsSupport } from './refusal.js';
import { callerName, subordinateIds, type SubordinateIds } from './subordinate.js';

/** `--userns UID:GID:SIZE`: ids 0 to SIZE-1 inside are UID… and GID… outside. */
export class RangeDriver implements UsernsDriver {
  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly read: ReadProc = readProc,
    readonly subordinate: () => SubordinateIds = () => subordinateIds([callerName() ?? '', String(host.uid)]),
  ) {}

  check(): Support {
    const support = usernsSupport(this.host, this.read);
    return support.works && this.host.privileged && !canMapOwners(this.host) ? OLD_KERNEL : support;
  }

  validate(launch: Launch): void {
    const range = wanted(launch);
    for (const name of ['uid', 'gid'] as const) {
      const problem = rangeProblem({ start: range[name], size: range.size });
      if (problem) throw invalid(range, `${name}: ${problem}`, '--userns=100000:100000:65536');
    }
    requireMappedIds(launch, rangeMaps(range.uid, range.gid, range.size));
    if (this.host.privileged) this.#requireOwnNamespace(range);
    else this.#requireSubordinate(range);
  }

  async prepare(launch: Launch): Promise<void> {
    const { uid, gid, size } = wanted(launch);
    enterMaps(launch, rangeMaps(uid, gid, size));
  }

  record(child: ChildProgram, launch: Launch): void {
    recordUserNamespace(child, launch);
  }

  async attach(launch: Launch): Promise<void> {
    await attachUserNamespace(launch, this.gate);
  }

  /** Root of a user namespace has only the ids that were mapped into it. */
  #requireOwnNamespace(range: UserRange): void {
    const maps = rangeMaps(range.uid, range.gid, range.size);
    for (const [file, map] of [['uid_map', maps.uids], ['gid_map', maps.gids]] as const) {
      const own = parseMap(this.read(`/proc/self/${file}`) ?? '').map(({ inside, size }) => ({ start: inside, size }));
      if (isWithin(map, own)) continue;
      throw invalid(range, `not all of these ids exist in the user namespace that tsbox runs in`, `see /proc/self/${file}`);
    }
  }

  #requireSubordinate(range: UserRange): void {
    const own = this.subordinate();
    this.#requireRange(range, 'uid', own.uids);
    this.#requireRange(range, 'gid', own.gids);
    const helpers = findHelpers(this.gate, this.read);
    if ('missing' in helpers) throw invalid(range, helpers.missing, ['apt-get install uidmap', '--userns=auto']);
  }

  #requireRange(range: UserRange, name: MapName, own: readonly IdRange[]): void {
    if (covered({ start: range[name], size: range.size }, own)) return;
    const file = name === 'uid' ? '/etc/subuid' : '/etc/subgid';
    const listed = own.map(({ start, size }) => `${start}:${size}`).join(', ') || 'none';
    const option = name === 'uid' ? '--add-subuids' : '--add-subgids';
    const last = range[name] + range.size - 1;
    throw invalid(range, `${file} does not give you all of these ids (yours: ${listed})`, [
      `sudo usermod ${option} ${range[name]}-${last} ${callerName() ?? this.host.uid}`,
      '--userns=auto takes what you have',
    ]);
  }
}

function wanted(launch: Launch): UserRange {
  if (launch.spec.userns) return launch.spec.userns;
  throw new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: 'cannot use the userns driver "range"',
    why: 'no range was given',
    fix: '--userns=100000:100000:65536',
  });
}

function invalid(range: UserRange, why: string, fix: string | string[]): TsboxError {
  const what = `cannot map --userns=${range.uid}:${range.gid}:${range.size}`;
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', { what, why, fix });
}
