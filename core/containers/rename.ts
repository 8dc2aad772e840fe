import type { Engine } from '../engine/index.js';
import { TsboxError } from '../plugin/error.js';
import { readContainer, requireContainer } from '../state/containers.js';
import { appendEvent, containerEvent } from '../state/events.js';
import { checkName, releaseName, takeName } from '../state/names.js';
import { type ContainerDetails, readDetails, writeDetails, writeRecord } from '../state/record.js';

/**
 * Gives a container another name. Whenever it is cut short both names lead to it or one does, and its
 * removal gives both back. @throws TsboxError when the name is taken
 */
export async function renameContainer(engine: Engine, reference: string, name: string): Promise<void> {
  checkName(name);
  const { id } = requireContainer(engine.paths.root, reference).record;
  await engine.locked(id, async () => {
    const container = readContainer(engine.paths.root, id);
    if (!container || container.record.name === name)
      throw cannotRename(reference, container ? 'that is its name' : 'it is gone');
    const { record, directory } = container;
    const { root } = engine.paths;
    const details = readDetails(directory);
    takeName(root, name, id);
    try {
      writeDetails(directory, withName(details, name, id), true);
      writeRecord(directory, { ...record, name }, true);
    } catch (error) {
      releaseName(root, name, id);
      throw error;
    }
    releaseName(root, record.name, id);
    const driver = await engine.driver('network', details.drivers.network.name);
    if (container.pid !== undefined) await driver.rename?.(id, name, engine.paths);
    appendEvent(engine.undoContext, containerEvent('rename', { ...record, name }, { oldName: record.name }));
  });
}

/** Its removal gives the new name back as well; giving back one that is another's by then does nothing. */
function withName(details: ContainerDetails, name: string, id: string): ContainerDetails {
  const seq = Math.max(0, ...details.kept.map((entry) => entry.seq)) + 1;
  const entry = { seq, plugin: 'engine', kind: 'name', args: { name, id }, keep: true };
  return { ...details, spec: { ...details.spec, name }, kept: [entry, ...details.kept] };
}

function cannotRename(reference: string, why: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', { what: `cannot rename container ${reference}`, why });
}
