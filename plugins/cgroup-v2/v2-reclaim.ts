import { formatBytes, notEnforceable, readCgroupFile, readNumber, writeCgroupFile } from '../../core/plugin/index.js';

/**
 * Lowers memory.max of a container that runs. Written below what is in use it would have the kernel kill
 * at once; so memory.high is set there first, which reclaims what can be reclaimed and kills nobody.
 * @param lower writes memory.max
 * @throws TsboxError where the container needs more than that; nothing is changed then
 */
export function withRoom<Result>(directory: string, limit: number, lower: () => Result): Result {
  const current = () => readNumber(`${directory}/memory.current`) ?? 0;
  if (current() <= limit) return lower();
  const high = `${directory}/memory.high`;
  const before = readCgroupFile(high);
  writeCgroupFile(high, String(limit));
  try {
    const used = current();
    if (used > limit) throw tooMuch(used, limit);
    return lower();
  } finally {
    writeCgroupFile(high, before);
  }
}

function tooMuch(used: number, limit: number): Error {
  const why = `the container uses ${formatBytes(used)} at the moment, and the kernel would kill its processes`;
  return notEnforceable('memory', why, `ask for more than ${formatBytes(limit)}, or stop the container first`);
}
