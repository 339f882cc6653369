import { count } from '../format.js';
import { type Markup, markup } from '../markup.js';
import { protocolsOf, type Report } from '../model.js';
import { DEFINITIONS, factorizationWords, protocolSentence, runFacts } from '../words.js';
import { facts, nothing } from './parts.js';

/** Describes the runs, and where what they found comes from. */
export function runsSection(report: Report): Markup {
  return markup`${report.runs.map(
    (run) =>
      markup`<h3>${run.name}</h3>${facts(runFacts(run))}${
        run.factorizations.length === 0
          ? nothing('The run kept no factorizations.')
          : markup`<details class="more"><summary>${count(run.factorizations.length, 'exact factorization')} kept</summary><ul>${run.factorizations.map(
              (factorization) => markup`<li>${factorizationWords(factorization)}</li>`,
            )}</ul></details>`
      }`,
  )}`;
}

/** Says how the measuring went, in the words of its protocols; null if no measurement states one. */
export function methodSection(report: Report): Markup | null {
  const protocols = protocolsOf(report);
  if (protocols.length === 0) return null;
  const several = protocols.length > 1 ? markup`<p>${protocols.length} protocols were in use:</p>` : null;
  return markup`${several}${protocols.map((protocol) => markup`<p>${protocolSentence(protocol)}</p>`)}`;
}

/** Lists the terms of a report with their meaning. */
export function definitionsSection(): Markup {
  return markup`<dl class="terms">${DEFINITIONS.map(([term, meaning]) => markup`<dt>${term}</dt><dd>${meaning}</dd>`)}</dl>`;
}
