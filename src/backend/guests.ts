/**
 * Which guests are in which rooms. A guest's membership is not stored, but a room somebody is in must not
 * be cleared away.
 */
import type { Folded } from '../chat/names.ts';

export class Guests {
  private readonly rooms = new Map<Folded, Set<Folded>>();

  /** Answers whether that changed anything, as does `remove`. */
  add(room: Folded, name: Folded): boolean {
    let names = this.rooms.get(room);
    if (!names) {
      names = new Set();
      this.rooms.set(room, names);
    }
    if (names.has(name)) return false;
    names.add(name);
    return true;
  }

  remove(room: Folded, name: Folded): boolean {
    const names = this.rooms.get(room);
    if (!names?.delete(name)) return false;
    if (names.size === 0) this.rooms.delete(room);
    return true;
  }

  has(room: Folded): boolean {
    return this.rooms.has(room);
  }

  clear(): void {
    this.rooms.clear();
  }
}
