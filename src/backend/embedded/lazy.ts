/**
 * What is saved soon but answers nobody: read positions, settings, messages seen, when tokens were used, and
 * names that could not be written while the disk was full. Coalesced, so bounded by what the store has; kept until a commit takes it.
 * Readers see through it, so that nothing saved is ever read back older.
 */
import type { Folded } from '../../chat/names.ts';
import type { Statements } from './statements.ts';

/** Names that may wait for space on the disk; past that the oldest is forgotten. */
const MOST_NAMES = 100_000;

export class Lazy {
  private readonly names = new Map<Folded, { readonly name: string; readonly at: number }>();
  private readonly reads = new Map<Folded, Map<Folded, number>>();
  private readonly settings = new Map<Folded, string>();
  private readonly seen = new Map<Folded, Set<number>>();
  private readonly used = new Map<string, number>();

  get empty(): boolean {
    return this.names.size + this.reads.size + this.settings.size + this.seen.size + this.used.size === 0;
  }

  know(folded: Folded, name: string, at: number): void {
    this.names.set(folded, { name, at });
    if (this.names.size <= MOST_NAMES) return;
    for (const oldest of this.names.keys()) {
      this.names.delete(oldest);
      break;
    }
  }

  saveSettings(name: Folded, settings: Readonly<Record<string, unknown>>): void {
    this.settings.set(name, JSON.stringify(settings));
  }

  saveRead(name: Folded, positions: readonly (readonly [room: Folded, id: number])[]): void {
    const reads = this.reads.get(name) ?? new Map<Folded, number>();
    for (const [room, id] of positions) if (id > (reads.get(room) ?? 0)) reads.set(room, id);
    if (reads.size > 0) this.reads.set(name, reads);
  }

  delivered(name: Folded, ids: readonly number[]): void {
    const seen = this.seen.get(name) ?? new Set<number>();
    for (const id of ids) seen.add(id);
    if (seen.size > 0) this.seen.set(name, seen);
  }

  tokenUsed(id: string, at: number): void {
    this.used.set(id, Math.max(this.used.get(id) ?? at, at));
  }

  known(name: Folded): { readonly name: string; readonly at: number } | undefined {
    return this.names.get(name);
  }

  settingsOf(name: Folded): string | undefined {
    return this.settings.get(name);
  }

  readOf(name: Folded, room: Folded): number {
    return this.reads.get(name)?.get(room) ?? 0;
  }

  wasSeen(name: Folded, id: number): boolean {
    return this.seen.get(name)?.has(id) ?? false;
  }

  /** A token begins anew: what may wait to be written is about another of that id. */
  forgetUse(id: string): void {
    this.used.delete(id);
  }

  /** An account is no more: what may wait to be written is about it. */
  forgetAccount(name: Folded): void {
    this.settings.delete(name);
    this.reads.delete(name);
    this.seen.delete(name);
  }

  /** When a token was used, where that is not written yet. */
  usedAt(id: string): number | undefined {
    return this.used.get(id);
  }

  /** Within a transaction, before its drafts: what they depend on. */
  writeBefore(statements: Statements): void {
    for (const [folded, { name, at }] of this.names) statements.knowName.run(folded, name, at);
    for (const [name, ids] of this.seen) for (const id of ids) statements.delivered.run(id, name);
  }

  /** Within a transaction, after its drafts: what depends on them. */
  writeAfter(statements: Statements): void {
    for (const [name, settings] of this.settings) statements.setSettings.run(settings, name);
    for (const [name, reads] of this.reads)
      for (const [room, id] of reads) statements.setRead.run(id, room, name);
    for (const [id, at] of this.used) statements.tokenUsed.run(at, id);
  }

  /** After the commit. */
  clear(): void {
    this.names.clear();
    this.reads.clear();
    this.settings.clear();
    this.seen.clear();
    this.used.clear();
  }
}
