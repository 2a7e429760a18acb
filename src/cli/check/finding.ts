/** What `parley check` finds: a grade, what it is about, and what was found with what to do about it. */

export interface Finding {
  readonly grade: 'ok' | 'warning' | 'wrong';
  readonly about: string;
  /** What was found, and what to do unless it is ok. */
  readonly text: string;
}

export function ok(about: string, text: string): Finding {
  return { grade: 'ok', about, text };
}

export function warning(about: string, text: string): Finding {
  return { grade: 'warning', about, text };
}

export function wrong(about: string, text: string): Finding {
  return { grade: 'wrong', about, text };
}

export function showFinding({ grade, about, text }: Finding): string {
  return `${grade.padEnd(8)} ${about}: ${text}\n`;
}
