import { escapeHtml, PALETTE } from '../../core/page/index.js';
import type { Candidate } from '../report.js';

/** Shapes around 0 0, of about the same area: with the colour, so that neither has to be told alone. */
const SHAPES = [
  'M-3.2 0a3.2 3.2 0 1 0 6.4 0a3.2 3.2 0 1 0-6.4 0z',
  'M-2.9-2.9h5.8v5.8h-5.8z',
  'M0-3.9L3.7 2.6h-7.4z',
  'M0-4.1L4.1 0L0 4.1L-4.1 0z',
  'M0 3.9L3.7-2.6h-7.4z',
  'M-1.3-4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z',
] as const;
const DASHES = ['none', '7 3', '2 3', '10 3 2 3', '4 2', '1 2'] as const;

/** Of a candidate: its place in the report decides how it looks, everywhere. */
export interface Look {
  readonly name: string;
  readonly colour: number;
  readonly shape: number;
  readonly dash: string;
}

export function looksOf(candidates: readonly Candidate[]): Map<string, Look> {
  const look = (name: string, index: number): Look => ({
    name,
    colour: index % PALETTE.length,
    shape: index % SHAPES.length,
    dash: DASHES[index % DASHES.length] as string,
  });
  return new Map(candidates.map(({ name }, index) => [name, look(name, index)]));
}

/** Once in a page; {@link mark} refers to them. */
export const MARKS = `<svg width="0" height="0" class="defs" aria-hidden="true"><defs>${SHAPES.map(
  (path, index) => `<path id="m${index}" d="${path}"/>`,
).join('')}</defs></svg>`;

/** A sample in a plot. */
export function sampleMark({ name, colour, shape }: Look, x: number, y: number, title: string): string {
  return `<use href="#m${shape}" x="${round(x)}" y="${round(y)}" class="sample c${colour}" data-of="${escapeHtml(name)}"><title>${escapeHtml(title)}</title></use>`;
}

/** A mark that says who is meant. */
export function keyMark({ colour, shape }: Look, x: number, y: number): string {
  return `<use href="#m${shape}" x="${round(x)}" y="${round(y)}" class="c${colour}"/>`;
}

/** Name and mark in a text. */
export function named(look: Look): string {
  return `<svg class="swatch" viewBox="-5 -5 10 10" aria-hidden="true">${keyMark(look, 0, 0)}</svg>${escapeHtml(look.name)}`;
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
