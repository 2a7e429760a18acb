/** What the server refused or broke off, counted by its code, with one example each. */
import type { Problem } from './protocol.ts';

/** Codes told apart; the rest is counted together. */
const MOST = 20;
const EXAMPLE = 160;

export class Problems {
  private readonly found = new Map<string, Problem>();

  add(code: string, example: string, count = 1): void {
    const key = this.found.has(code) || this.found.size < MOST ? code : 'other';
    const before = this.found.get(key);
    this.found.set(key, {
      code: key,
      count: (before?.count ?? 0) + count,
      example: before?.example ?? example.replace(/\p{Cc}/gu, '').slice(0, EXAMPLE),
    });
  }

  get all(): readonly Problem[] {
    return [...this.found.values()].sort((a, b) => b.count - a.count);
  }

  get count(): number {
    return this.all.reduce((sum, problem) => sum + problem.count, 0);
  }
}
