/** 4, 6, or 0 for what is no IP address. Loads node:net (2 ms of start-up) only for one that asks. */
export function ipVersion(text: string): number {
  return process.getBuiltinModule('node:net').isIP(text);
}
