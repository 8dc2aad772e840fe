import { logsOf } from '../containers/logs.js';
import type { StatePaths } from '../plugin/tokens.js';

const LINES = 10;
const LONGEST_LINE = 300;

/** The last lines that a container wrote, for an error about it; none where it keeps no log. */
export async function lastLines(paths: StatePaths, id: string): Promise<string[]> {
  let text = '';
  try {
    for await (const entry of logsOf(paths, id, { tail: LINES })) text += entry.text.toString('utf8');
  } catch {
    return [];
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return lines.slice(-LINES).map((line) => printable(line).slice(0, LONGEST_LINE));
}

/** What a container wrote must not steer the terminal that an error is printed on. */
function printable(line: string): string {
  return line.replace(/\p{Cc}/gu, (character) => (character === '\t' ? ' ' : '')).trimEnd();
}
