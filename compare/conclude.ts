import { type Series, seriesOf } from './growth.js';
import type { Report } from './report.js';
import { sentencesOf } from './sentences.js';
import { type Verdict, verdictOf } from './verdict.js';

/** What the samples of a report say. Names of candidates are only names here: nothing is known of them beforehand. */
export interface Conclusions {
  /** One for each measurement, in their order. */
  readonly verdicts: readonly Verdict[];
  readonly series: readonly Series[];
  /** For a person who has to choose: the greatest difference first. */
  readonly sentences: readonly string[];
}

/** Draws all conclusions from a report. */
export function conclude(report: Report): Conclusions {
  const names = report.candidates.map(({ name }) => name);
  const verdicts = report.measurements.map((measurement) => verdictOf(measurement, names));
  const series = seriesOf(report.measurements, names);
  return { verdicts, series, sentences: sentencesOf(verdicts, series) };
}
