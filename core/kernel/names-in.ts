import { readdirSync } from 'node:fs';
import { hasCode } from './error.js';

/** What a directory has in it; nothing where there is none. */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
