import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { emptyRoom } from '../../src/backend/empty-room.ts';
import type { RoomDraft } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import type { RoomRecord } from '../../src/chat/ports.ts';
import { Room } from '../../src/chat/room.ts';
import { Seat } from '../../src/chat/seat.ts';
import { Chat } from '../helper/chat.ts';

const EMPTY: RoomRecord = emptyRoom('Ops');

/** A room to which this happened. */
function room(...drafts: RoomDraft[]): Room {
  const made = new Room(EMPTY);
  for (const [at, draft] of drafts.entries()) made.apply({ ...draft, id: at + 1, at: at + 1 });
  return made;
}

function join(from: string, operator = false, account = false): RoomDraft {
  return { type: 'join', room: 'Ops', from, operator, account };
}

function leave(from: string): RoomDraft {
  return { type: 'leave', room: 'Ops', from, reason: '' };
}

function kick(name: string): RoomDraft {
  return { type: 'kick', room: 'Ops', from: 'op', name, reason: '' };
}

function rank(name: string, to: 'operator' | 'voice' | 'member'): RoomDraft {
  return { type: 'rank', room: 'Ops', from: 'op', name, rank: to };
}

function ranks(made: Room): string[] {
  return [...made.members.values()].map(member => `${member.name} ${member.rank}`);
}

describe('a room', () => {
  test('is what was committed in it', () => {
    const made = room(
      join('alice', true),
      join('bob'),
      join('carol'),
      { type: 'topic', room: 'Ops', from: 'alice', text: 'news' },
      { type: 'mode', room: 'Ops', from: 'alice', change: { mode: 'key', key: 'sesame' } },
      { type: 'mode', room: 'Ops', from: 'alice', change: { mode: 'moderated', on: true } },
      { type: 'mode', room: 'Ops', from: 'alice', change: { mode: 'unlisted', on: true } },
      rank('BOB', 'voice'),
      leave('Carol'),
    );
    expect(ranks(made)).toEqual(['alice operator', 'bob voice']);
    expect(made).toMatchObject({
      topic: { text: 'news', from: 'alice', at: 4 },
      key: 'sesame',
      moderated: true,
      unlisted: true,
      exists: true,
      lastId: 9,
    });
    for (const draft of [
      { type: 'topic', room: 'Ops', from: 'alice', text: '' },
      { type: 'mode', room: 'Ops', from: 'alice', change: { mode: 'key', key: null } },
      { type: 'mode', room: 'Ops', from: 'alice', change: { mode: 'moderated', on: false } },
      kick('bob'),
    ] as const)
      made.apply({ ...draft, id: 10, at: 10 });
    expect(ranks(made)).toEqual(['alice operator']);
    expect(made).toMatchObject({ topic: null, key: null, moderated: false, unlisted: true });
  });

  test('keeps out by name and by address until the ban is lifted', () => {
    const byName = { kind: 'name', what: 'bob', label: 'Bob', reason: 'spam' } as const;
    const byAddress = {
      kind: 'address',
      what: '192.0.2.0/24',
      label: 'the address of Bob',
      reason: '',
    } as const;
    const made = room(
      { type: 'ban', room: 'Ops', from: 'alice', ban: byName },
      { type: 'ban', room: 'Ops', from: 'alice', ban: byAddress },
    );
    expect(made.banFor(fold('BOB'), '198.51.100.1')).toEqual(byName);
    expect(made.banFor(fold('eve'), '192.0.2.77')).toEqual(byAddress);
    expect(made.banFor(fold('eve'), '')).toBeNull();
    expect(made.banFor(fold('eve'), '198.51.100.1')).toBeNull();
    made.apply({ type: 'unban', room: 'Ops', from: 'alice', label: 'Bob', id: 3, at: 3 });
    expect(made.banFor(fold('bob'), '198.51.100.1')).toBeNull();
    expect(made.banFor(fold('bob'), '192.0.2.1')).toEqual(byAddress);
  });

  test('is run by who joins it when nobody is in it, once', () => {
    const made = room();
    expect(made.vacant).toBe(true);
    made.founding = true;
    expect(made.vacant).toBe(false);
    made.apply({ ...join('alice', true), id: 1, at: 1 });
    expect([made.vacant, made.founding, made.hasOperator]).toEqual([false, false, true]);
    made.apply({ ...leave('alice'), id: 2, at: 2 });
    expect([made.vacant, made.hasOperator]).toEqual([true, false]);
  });

  test('has as members the accounts that the store knows, here or not', () => {
    const made = new Room({
      ...EMPTY,
      exists: true,
      lastId: 7,
      members: [{ name: 'Alice', rank: 'operator' }],
    });
    expect(ranks(made)).toEqual(['Alice operator']);
    expect([made.present, made.idle, made.vacant]).toEqual([0, true, false]);
  });

  test('takes no event twice for news: who is in does not come in, who is out does not leave', () => {
    const made = room(join('alice', true, true), join('bob', false, false));
    const isNews = (draft: RoomDraft): boolean => made.isNews({ ...draft, id: 9, at: 9 });
    expect(isNews(join('alice', false, true))).toBe(false);
    // A guest that joins is somebody else: the one before has left without a word.
    expect(isNews(join('bob'))).toBe(true);
    expect([isNews(leave('alice')), isNews(leave('carol'))]).toEqual([true, false]);
    expect([isNews(kick('alice')), isNews(kick('carol'))]).toEqual([true, false]);
    expect([isNews(rank('alice', 'operator')), isNews(rank('alice', 'voice'))]).toEqual([false, true]);
    expect(isNews(rank('carol', 'operator'))).toBe(false);
    expect(isNews({ type: 'message', room: 'Ops', from: 'carol', text: 'hello' })).toBe(true);
  });

  test('leaves an account that joins again as it was, and a guest’s next owner begins anew', () => {
    const made = room(join('alice', true, true), join('bob', false, false), rank('bob', 'operator'));
    const before = made.members.get(fold('alice'));
    made.apply({ ...join('alice', false, true), id: 4, at: 4 });
    made.apply({ ...join('bob'), id: 5, at: 5 });
    expect(made.members.get(fold('alice')) === before).toBe(true);
    expect(ranks(made)).toEqual(['alice operator', 'bob member']);
  });
});

test('listeners come and go in any order, and each knows its place', async () => {
  const chat = await Chat.start();
  chat.connect();
  const [session] = chat.hub.sessions;
  if (!session) throw new Error('there is no session');
  const member = { name: 'alice', user: null, rank: 'member', account: false, saved: 0 } as const;
  const steps = fc.array(fc.record({ come: fc.boolean(), which: fc.nat({ max: 9 }) }));
  fc.assert(
    fc.property(steps, script => {
      const made = new Room(EMPTY);
      const seats = Array.from({ length: 10 }, () => new Seat(session, made, { ...member, room: made }));
      const here = new Set<Seat>();
      for (const { come, which } of script) {
        const seat = seats[which];
        if (!seat) continue;
        if (come && !here.has(seat)) {
          made.opening.add(seat);
          made.addListener(seat);
          here.add(seat);
        } else if (!come) {
          made.removeSeat(seat);
          here.delete(seat);
        }
        expect(new Set(made.listeners)).toEqual(here);
        for (const [at, listener] of made.listeners.entries()) expect(listener.index).toBe(at);
        expect(made.opening.size).toBe(0);
      }
    }),
  );
});
