import { TsboxError } from '../plugin/error.js';
import { ChildProgram, type SharedChild } from '../program/child-program.js';
import { type EncodedProgram, encode } from '../program/encode.js';
import { recordNullDevice } from '../program/null-device.js';
import type { BlockName } from '../program/op.js';
import { Program } from '../program/program.js';
import { recordCommand } from './engine-ops.js';
import { EnteringView } from './exec-launch.js';
import { AUTHOR, type EntryPlan, recordEntry, recordLastClone } from './exec-ops.js';
import type { HookBus } from './hook-bus.js';
import type { LaunchState } from './launch-state.js';

/** Blocks that are executed while the host is still there; in an exec they are the engine's alone. */
const OUTSIDE: readonly BlockName[] = ['launcher', 'outside', 'enter'];

/**
 * Records the program of an exec: in, all rights dropped by the handlers of preExec as in a launch, the
 * last clone, the command.
 * @throws TsboxError naming a plugin that does what cannot be done here
 */
export async function recordProgram(state: LaunchState, plan: EntryPlan, bus: HookBus): Promise<EncodedProgram> {
  const program = new Program();
  const { arch } = state.gate;
  const shared: SharedChild = { program, arch, procMountable: false, entering: true };
  const own = new ChildProgram(shared, { plugin: AUTHOR.plugin, hook: 'childSetup' });
  recordEntry(program, own, plan);
  recordNullDevice(own.inside, own.root, plan.nullFds);
  recordLastClone(program, plan);
  const entering = { detached: plan.detached };
  await bus.run('preExec', (plugin) => ({
    launch: new EnteringView(state, plugin, 'preExec', entering),
    child: new ChildProgram(shared, { plugin, hook: 'preExec' }),
  }));
  for (const block of OUTSIDE) refuseOthers(program, block);
  recordCommand(program.recorder('exec', AUTHOR), state.command);
  return encode(program, arch);
}

/** What a plugin means for the new namespaces of a launch would be done to the host. */
function refuseOthers(program: Program, block: BlockName): void {
  const op = program.block(block).find(({ plugin }) => plugin !== AUTHOR.plugin);
  if (!op) return;
  throw new TsboxError('ERR_TSBOX_PLUGIN', {
    what: `plugin "${op.plugin}" cannot take part in exec`,
    why: `its handler of ${op.hook} records ${op.name} with child.${block}, and the container is made already`,
    fix: 'where launch.entering is set, a plugin records with child.inside or child.command alone',
  });
}
