const MARK = '@tsbox-number:';

/** JSON with whole numbers of 64 bits (RLIM_INFINITY), which are BigInt here. */
export function formatOci(config: object): string {
  const text = JSON.stringify(
    config,
    (_, value: unknown) => (typeof value === 'bigint' ? `${MARK}${value}` : value),
    2,
  );
  return `${text.replaceAll(new RegExp(`"${MARK}(\\d+)"`, 'g'), '$1')}\n`;
}
