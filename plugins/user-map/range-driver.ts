import {
  type ChildProgram,
  type Gate,
  type Host,
  type IdMaps,
  type Launch,
  type Support,
  TsboxError,
  type UsernsDriver,
  type UserRange,
} from '../../core/plugin/index.js';
import { isWithin, ownIds, rangeMaps, rangeProblem, singleMaps } from './id-maps.js';
import { canMapOwners } from './idmapped-trees.js';
import { attachUserNamespace, enterMaps, recordUserNamespace, requireMappedIds } from './map-steps.js';
import { OLD_KERNEL, type ReadProc, readProc, usernsSupport } from './refusal.js';

/** `--userns UID:GID:SIZE`: ids 0 to SIZE-1 inside are UID… and GID… outside. */
export class RangeDriver implements UsernsDriver {
  constructor(
    readonly gate: Gate,
    readonly host: Host,
    readonly read: ReadProc = readProc,
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
    if (this.host.privileged) this.#requireOwnNamespace(range);
    else this.#requireCaller(range);
    requireMappedIds(launch, this.#maps(range));
  }

  async prepare(launch: Launch): Promise<void> {
    enterMaps(launch, this.#maps(wanted(launch)));
  }

  record(child: ChildProgram, launch: Launch): void {
    recordUserNamespace(child, launch);
  }

  async attach(launch: Launch): Promise<void> {
    await attachUserNamespace(launch, this.gate);
  }

  #maps({ uid, gid, size }: UserRange): IdMaps {
    return this.host.privileged ? rangeMaps(uid, gid, size) : singleMaps(uid, gid);
  }

  /** Root of a user namespace has only the ids that were mapped into it. */
  #requireOwnNamespace(range: UserRange): void {
    const maps = rangeMaps(range.uid, range.gid, range.size);
    const own = ownIds(this.read);
    if (isWithin(maps.uids, own.uids) && isWithin(maps.gids, own.gids)) return;
    throw invalid(
      range,
      'not all of these ids exist in the user namespace that tsbox runs in',
      'see /proc/self/uid_map',
    );
  }

  /**
   * Images and containers of an ordinary user belong to that user. Were root of the container anyone
   * else, it would have no right to them, and mapping owners on the way takes real root.
   */
  #requireCaller(range: UserRange): void {
    const { uid, gid } = this.host;
    if (range.uid === uid && range.gid === gid && range.size === 1) return;
    throw invalid(range, "root in an ordinary user's container must be that user, who owns its files", [
      '--userns=auto: root is you, and ids from 1 on are your subordinate ids',
      `--userns=${uid}:${gid}:1: you alone`,
      'run tsbox as root',
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
