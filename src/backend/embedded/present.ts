/**
 * Which of the lines to be imported a store has already. Both are in the order of their times, so one walk
 * along the store finds them: a line is there where an event of the same time says the same. Said twice within
 * a millisecond it is there twice.
 */
import { fold } from '../../chat/names.ts';
import type { DumpEvent } from './dump.ts';
import type { EventRow } from './rows.ts';
import type { State } from './state.ts';

const AT_ONCE = 1000;
const KINDS = { message: 0, action: 1, private: 2, topic: 6 } as const;

export class Present {
  private readonly end: number;
  private rows: EventRow[] = [];
  private next = 0;
  private last: number | null = null;
  /** Events of one time, and how many there are of each that were not asked for. */
  private at = Number.NEGATIVE_INFINITY;
  private same = new Map<string, number>();

  constructor(private readonly state: State) {
    this.end = state.lastId + 1;
  }

  /** Takes the event that this line is, if it is there. Times must not fall from one call to the next. */
  take(line: DumpEvent): boolean {
    if (line.at !== this.at) this.goTo(line.at);
    if (this.same.size === 0) return false;
    const scope = this.scopeOf(line);
    if (scope === null) return false;
    const key = keyOf(KINDS[line.type], scope, line.from, line.text);
    const left = this.same.get(key) ?? 0;
    if (left === 0) return false;
    this.same.set(key, left - 1);
    return true;
  }

  private goTo(at: number): void {
    this.at = at;
    this.same = new Map();
    this.last ??= this.state.firstIdSince(at) - 1;
    for (let row = this.peek(); row && row.at <= at; row = this.peek()) {
      this.next++;
      if (row.at < at) continue;
      const key = keyOf(row.kind, row.scope, row.sender, row.text ?? '');
      this.same.set(key, (this.same.get(key) ?? 0) + 1);
    }
  }

  private peek(): EventRow | undefined {
    if (this.next === this.rows.length) {
      this.rows = this.state.statements.eventsFrom.all(this.last ?? 0, this.end, AT_ONCE);
      this.next = 0;
      this.last = this.rows.at(-1)?.id ?? this.end;
    }
    return this.rows[this.next];
  }

  /** As `events.scope`; null where there is no such room or conversation. */
  private scopeOf(line: DumpEvent): number | null {
    const { statements, rooms } = this.state;
    if (line.type !== 'private') return rooms.get(line.room)?.id ?? null;
    const [low = '', high = ''] = [fold(line.from), fold(line.to)].sort((a, b) => (a < b ? -1 : 1));
    const lowId = statements.name.get(low)?.id;
    const highId = statements.name.get(high)?.id;
    if (lowId === undefined || highId === undefined) return null;
    const conversation = statements.conversation.get(lowId, highId);
    return conversation && -conversation.id;
  }
}

/** No name has a space in it. */
function keyOf(kind: number, scope: number, from: string, text: string): string {
  return `${kind} ${scope} ${from} ${text}`;
}
