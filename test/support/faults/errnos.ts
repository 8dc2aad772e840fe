/** What a host can answer on a bad day: safety.md. */
export const ERRNOS = ['ENOSPC', 'ENOMEM', 'EMFILE', 'EAGAIN', 'EINTR', 'EIO', 'EPERM', 'ENOSYS', 'EBUSY'] as const;

/** Another one for each point, and for the same point in another campaign. */
export function errnoFor(point: number, campaign: number): string {
  return ERRNOS[(point + campaign * 4) % ERRNOS.length] as string;
}
