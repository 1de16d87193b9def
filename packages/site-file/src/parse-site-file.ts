// A site file's text to a SiteConfig, or to everything that is wrong with it.

import { type SiteConfig, siteConfigSchema } from '@ampledger/domain';
import { err, ok, type Result } from '@ampledger/kernel';
import { compileSite } from './compile.js';
import { siteFormSchema } from './form.js';
import { findingsOf } from './issues.js';
import { type Finding, PROBLEMS_MAX, pathText, type SiteFileProblem } from './problem.js';
import { silenceFindings } from './safe-silence.js';
import { type LinePos, readYaml, type Source } from './yaml-source.js';

export interface ParseOptions {
  /** Named in the problems. */
  readonly fileName?: string;
}

/** Reads YAML (or JSON, which is YAML). Pure: no file is opened, no clock read. */
export function parseSiteFile(
  text: string,
  options: ParseOptions = {},
): Result<SiteConfig, readonly SiteFileProblem[]> {
  const { result: read, linePos } = readYaml(text);
  const toProblem = problemMaker(linePos, options);
  if (!read.ok) return err(limited(read.error.map((finding) => toProblem(finding, finding.offset))));
  const source = read.value;
  const fromYaml = source.findings.map((finding) => toProblem(finding, finding.offset));
  const checked = check(source.data);
  const fromData = checked.findings.map((finding) => toProblem(finding, placeOf(source, finding)));
  const problems = [...fromYaml, ...fromData];
  if (problems.length > 0 || checked.config === undefined) return err(limited(problems));
  return ok(checked.config);
}

interface Checked {
  readonly config?: SiteConfig;
  readonly findings: readonly Finding[];
}

function check(data: unknown): Checked {
  const form = siteFormSchema.safeParse(data, { reportInput: true });
  if (!form.success) return { findings: findingsOf(form.error.issues) };
  const { config, findings, nodePlaces } = compileSite(form.data);
  if (findings.length > 0) return { findings };
  const silence = silenceFindings(config, nodePlaces);
  if (silence.length > 0) return { findings: silence };
  const valid = siteConfigSchema.safeParse(config);
  return valid.success ? { config: valid.data, findings: [] } : { findings: findingsOf(valid.error.issues) };
}

/** What is unknown is shown at its key; what is wrong, at its value. */
function placeOf(source: Source, finding: Finding): number {
  return source.offsetOf(finding.path, finding.message.startsWith('unknown key') ? 'key' : 'value');
}

function problemMaker(linePos: (offset: number) => LinePos, { fileName }: ParseOptions) {
  return (finding: Finding, offset: number): SiteFileProblem => {
    const { line, col } = linePos(offset);
    const { path, message, expected } = finding;
    return {
      line,
      column: col,
      path: pathText(path),
      message,
      expected,
      ...(fileName === undefined ? {} : { fileName }),
    };
  };
}

/** In the order of the file, each once: a wrong default is one problem, however many connectors it reaches. */
function limited(problems: readonly SiteFileProblem[]): readonly SiteFileProblem[] {
  const once = new Map(problems.map((p) => [`${p.line}:${p.column}:${p.path}:${p.message}`, p]));
  const sorted = [...once.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  const last = sorted[PROBLEMS_MAX - 1];
  if (sorted.length <= PROBLEMS_MAX || last === undefined) return sorted;
  const more = {
    ...last,
    path: '',
    message: `${sorted.length - PROBLEMS_MAX + 1} more problems from here on`,
    expected: 'fewer',
  };
  return [...sorted.slice(0, PROBLEMS_MAX - 1), more];
}
