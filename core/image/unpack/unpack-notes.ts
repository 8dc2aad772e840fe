/** What of an archive is left out; each is told to the user once, with a count. */
const NOTES = {
  devices: 'device nodes were left out: only root can make them',
  whiteouts: 'whiteouts were left out: they hide nothing in an image of one layer',
  attributes: 'extended attributes were left out: the file system or the kernel does not take them from this user',
  owners: 'files belong to you instead of their owners: only root can give files away',
} as const;

export class UnpackNotes {
  readonly #counts = new Map<keyof typeof NOTES, number>();

  add(note: keyof typeof NOTES): void {
    this.#counts.set(note, (this.#counts.get(note) ?? 0) + 1);
  }

  /** One sentence each. */
  get messages(): string[] {
    return [...this.#counts].map(([note, count]) => `${count} ${NOTES[note]}`);
  }
}
