import { join } from 'node:path';
import { TsboxError } from '../plugin/error.js';
import { ownerOfName } from './names.js';
import { containerIds } from './record.js';

/** The id that a name, an id or an unambiguous beginning of one means. @throws TsboxError */
export function findContainer(root: string, reference: string): string {
  const ids = containerIds(root);
  const named = /^[a-zA-Z0-9_.-]+$/.test(reference) ? ownerOfName(root, reference) : undefined;
  if (named !== undefined && ids.includes(named)) return named;
  const matching = /^[0-9a-f]+$/.test(reference) ? ids.filter((id) => id.startsWith(reference)) : [];
  if (matching.length === 1) return matching[0] as string;
  const what = `cannot find container ${JSON.stringify(reference)}`;
  if (matching.length > 1) {
    // Something is there: with -f this is an error too.
    const why = `${matching.length} ids begin like that`;
    throw new TsboxError('ERR_TSBOX_USAGE', { what, why, fix: 'give more digits' });
  }
  throw new TsboxError('ERR_TSBOX_NO_SUCH_CONTAINER', {
    what,
    why: 'there is no container of that name or id',
    fix: `the containers are in ${join(root, 'containers')}`,
  });
}
