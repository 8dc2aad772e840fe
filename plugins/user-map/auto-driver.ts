import {
  type ChildProgram,
  type Gate,
  type Host,
  type IdMaps,
  type Launch,
  type Support,
  type UsernsDriver,
  unsupported,
} from '../../core/plugin/index.js';
import { findHelpers } from './id-helpers.js';
import { isWithin, ownIds, rangeMaps, singleMaps, subordinateMap } from './id-maps.js';
import { type IdSlot, poolSlots } from './id-pool.js';
import { canMapOwners } from './idmapped-trees.js';
import { attachUserNamespace, enterMaps, recordUserNamespace, requireMappedIds, type Shortage } from './map-steps.js';
import { leaseSlot } from './range-lease.js';
import { OLD_KERNEL, type ReadProc, readProc, usernsSupport } from './refusal.js';
import { callerName, type SubordinateIds, subordinateIds } from './subordinate.js';

export interface AutoOptions {
  readonly read?: ReadProc;
  readonly idsOf?: (owners: readonly string[]) => SubordinateIds;
}

const NO_HELPERS: Omit<Shortage, 'why'> = { fix: 'sudo apt-get install uidmap', diagnosis: 'uidmap-missing' };
const NO_SUBORDINATE: Omit<Shortage, 'why'> = { diagnosis: 'subuid-missing' };

/** The maps of an unprivileged caller, and why there are not more ids in them. */
interface OwnMaps {
  readonly maps: IdMaps;
  readonly shortage?: Shortage;
}

/**
 * `--userns auto`. For root: a range of ids that no other container has. For an ordinary user: root
 * inside is the caller, and the other ids are the caller's subordinate ones, if there are any.
 */
export class AutoDriver implements UsernsDriver {
  readonly #read: ReadProc;
  readonly #idsOf: (owners: readonly string[]) => SubordinateIds;

  constructor(
    readonly gate: Gate,
    readonly host: Host,
    options: AutoOptions = {},
  ) {
    this.#read = options.read ?? readProc;
    this.#idsOf = options.idsOf ?? subordinateIds;
  }

  check(): Support {
    const support = usernsSupport(this.host, this.#read);
    if (!support.works) return support;
    if (this.host.privileged) return canMapOwners(this.host) ? this.#checkPool() : OLD_KERNEL;
    const { shortage } = this.#ownMaps();
    return shortage ? { works: true, note: `only root exists in a container: ${shortage.why}` } : support;
  }

  validate(launch: Launch): void {
    if (this.host.privileged) return;
    const { maps, shortage } = this.#ownMaps();
    requireMappedIds(launch, maps, shortage);
  }

  async prepare(launch: Launch): Promise<void> {
    enterMaps(launch, this.host.privileged ? await this.#lease(launch) : this.#ownMaps().maps);
  }

  record(child: ChildProgram, launch: Launch): void {
    recordUserNamespace(child, launch);
  }

  async attach(launch: Launch): Promise<void> {
    await attachUserNamespace(launch, this.gate);
  }

  async #lease(launch: Launch): Promise<IdMaps> {
    const { uid, gid, size } = await leaseSlot(launch, this.#slots());
    return rangeMaps(uid, gid, size);
  }

  #slots(): IdSlot[] {
    return poolSlots((owner) => this.#idsOf([owner]));
  }

  /** Inside another user namespace the default ids do not exist. */
  #checkPool(): Support {
    const { uids, gids } = ownIds(this.#read);
    const exists = ({ uid, gid, size }: IdSlot) => {
      const maps = rangeMaps(uid, gid, size);
      return isWithin(maps.uids, uids) && isWithin(maps.gids, gids);
    };
    if (this.#slots().every(exists)) return { works: true };
    return unsupported(
      'the ids for containers do not exist in the user namespace that tsbox runs in',
      'give ids that do to the user "tsbox" in /etc/subuid and /etc/subgid, or use --userns=host',
    );
  }

  #ownMaps(): OwnMaps {
    const { uid, gid } = this.host;
    const single = (why: string, more: Omit<Shortage, 'why'> = {}): OwnMaps => ({
      maps: singleMaps(uid, gid),
      shortage: { why, ...more },
    });
    const name = callerName();
    if (name === undefined) return single(`uid ${uid} has no account, and newuidmap serves only accounts`);
    const { uids, gids } = this.#idsOf([name, String(uid)]);
    if (uids.length === 0) return single(`/etc/subuid has no ids for ${name}`, NO_SUBORDINATE);
    if (gids.length === 0) return single(`/etc/subgid has no ids for ${name}`, NO_SUBORDINATE);
    const helpers = findHelpers(this.gate, this.#read);
    if ('missing' in helpers) return single(helpers.missing, NO_HELPERS);
    return { maps: { uids: subordinateMap(uid, uids), gids: subordinateMap(gid, gids) } };
  }
}
