import { statSync } from 'node:fs';

/** Whether a path leads to a regular file that this user may see; a closed directory has none. */
export function isRegularFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
