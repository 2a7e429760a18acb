/**
 * What is remembered of rooms between turns: enough to post to one and to list them without asking the
 * store. Filled as rooms are met; whatever a rolled-back transaction touched is forgotten.
 */
import { type Folded, fold } from '../../chat/names.ts';
import type { RoomSummary } from '../../chat/ports.ts';
import type { Said } from './said.ts';
import type { RoomRow, Statements } from './statements.ts';

export interface RoomEntry {
  readonly id: number;
  readonly name: string;
  readonly folded: Folded;
  topic: string;
  unlisted: boolean;
  lastId: number;
  lastAt: number;
}

export class RoomCache {
  private byName = new Map<string, RoomEntry>();
  private byFolded = new Map<Folded, RoomEntry>();
  private whole = false;

  constructor(
    private readonly statements: Statements,
    private readonly said: Said,
  ) {}

  /** By its exact name, which is how rooms are posted to, or another spelling of it. */
  get(name: string): RoomEntry | null {
    return this.byName.get(name) ?? this.folded(fold(name));
  }

  folded(folded: Folded): RoomEntry | null {
    const entry = this.byFolded.get(folded);
    if (entry) return entry;
    const row = this.statements.room.get(folded);
    return row && this.add(this.entryOf(row));
  }

  add(entry: RoomEntry): RoomEntry {
    this.byName.set(entry.name, entry);
    this.byFolded.set(entry.folded, entry);
    return entry;
  }

  forget(folded: Folded): void {
    const entry = this.byFolded.get(folded);
    if (!entry) return;
    this.byFolded.delete(folded);
    this.byName.delete(entry.name);
    this.whole = false;
  }

  clear(): void {
    this.byFolded.clear();
    this.byName.clear();
    this.whole = false;
  }

  /** Listed rooms, the one with the newest event first. */
  listed(): readonly RoomSummary[] {
    if (!this.whole) for (const { folded } of this.statements.roomNames.all()) this.folded(folded as Folded);
    this.whole = true;
    return [...this.byFolded.values()]
      .filter(room => !room.unlisted)
      .sort((a, b) => b.lastId - a.lastId || (a.folded < b.folded ? -1 : 1))
      .map(({ name, topic, lastAt }) => ({ name, topic, lastAt }));
  }

  private entryOf(row: RoomRow): RoomEntry {
    const lastId = Math.max(row.last_other, this.said.last(row.id));
    return {
      id: row.id,
      name: row.name,
      // Folded when it was stored.
      folded: row.folded as Folded,
      topic: row.topic ?? '',
      unlisted: row.unlisted === 1,
      lastId,
      lastAt: this.statements.event.get(lastId)?.at ?? 0,
    };
  }
}
