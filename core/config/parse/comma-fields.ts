import { badValue, type Found } from '../place.js';

/** Fields of one CSV line (RFC 4180). */
export function splitCommas(found: Found<string>): string[] {
  const fields = found.value.match(/(?:"(?:[^"]|"")*"|[^,"]*)(?:,|$)/g) ?? [];
  if (fields.join('') !== found.value) throw badValue(found, 'a double quote stands in the wrong place');
  const last = found.value.endsWith(',') ? fields.length : fields.length - 1;
  return fields.slice(0, last).map((field) =>
    field
      .replace(/,$/, '')
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('""', '"'),
  );
}

/** One field of such a line; {@link splitCommas} reads it back. */
export function commaField(text: string): string {
  return /[",]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
