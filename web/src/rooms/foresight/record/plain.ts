import type { ForecastRecord, ForecastScore } from '$lib/api/types';
import { word } from '$lib/i18n';
import { f } from '$lib/i18n/foresight';
import { count, percent } from '$lib/i18n/format';

/** How far coverage may be off before the intervals are called too narrow or too wide. */
const COVERAGE_OFF = 0.1;
/** From where a bias is one. */
const BIAS_OFF = 0.25;

/** What a model's scores over all days ahead say, in sentences. */
export function plain(record: ForecastRecord, score: ForecastScore): string[] {
  const model = word(f().models, score.model);
  const scored = count(score.scored);
  if (score.verdict === 'too_few') return [f().plainFew(model, scored, count(record.judged_from))];
  const said = [
    score.verdict === 'better'
      ? f().plainBetter(model, percent(1 - (score.relative ?? 1)), scored)
      : f().plainWorse(model, scored),
    f().plainCoverage(percent(score.held_50), percent(score.held_90)),
  ];
  const off = score.held_50 - 0.5;
  if (off < -COVERAGE_OFF || score.held_90 < 0.9 - COVERAGE_OFF) said.push(f().tooNarrow);
  else if (off > COVERAGE_OFF) said.push(f().tooWide);
  if (score.bias > BIAS_OFF) said.push(f().tooHigh);
  if (score.bias < -BIAS_OFF) said.push(f().tooLow);
  if (score.later > 0) said.push(f().ofLater(count(score.later)));
  return said;
}
