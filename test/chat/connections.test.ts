import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  CONNECTION_SORTS,
  type ConnectionPage,
  Connections,
  type ConnectionsAsked,
} from '../../src/chat/connections.ts';
import { Chat } from '../helper/chat.ts';

const ALL: ConnectionsAsked = { sort: 'connectedAt', order: 'asc', search: '', limit: 100, offset: 0 };

async function world() {
  const chat = await Chat.start();
  const connections = new Connections(chat.hub);
  const look = (asked: Partial<ConnectionsAsked> = {}) => connections.look({ ...ALL, ...asked });
  return { chat, look };
}

function names({ connections }: ConnectionPage): (string | null)[] {
  return connections.map(({ name }) => name);
}

/** Somebody who came from an address. */
async function from(chat: Chat, address: string, name: string, ...rooms: string[]) {
  const person = chat.connect(address);
  await person.types(`register ${name}`, ...rooms.map(room => `/join ${room}`));
  await chat.wait(1000);
  return person;
}

describe('a connection', () => {
  test('is what it is, from before it has a name on', async () => {
    const { chat, look } = await world();
    const started = chat.clock.now();
    const person = chat.connect('2001:db8::7');
    await chat.wait(2000);
    expect(look()).toEqual({
      total: 1,
      connections: [
        {
          id: 1,
          name: null,
          account: false,
          address: '2001:db8::7',
          dialect: 'text',
          rooms: [],
          linesPerMinute: 0,
          outboxBytes: 0,
          idleMs: 2000,
          connectedAt: started,
        },
      ],
    });
    person.link.room = 0;
    await person.types('register alice correct-horse', '/join ops', '/join dev', 'hello');
    await chat.wait(500);
    const [view] = look().connections;
    expect(view).toMatchObject({ name: 'alice', account: true, rooms: ['ops', 'dev'], idleMs: 500 });
    expect(view?.outboxBytes).toBeGreaterThan(100);
    expect(view?.outboxBytes).toBe(chat.flusher.totals.bytes);
  });

  test('has a number of its own, which no later one is given', async () => {
    const { chat, look } = await world();
    const first = await chat.person('alice');
    await first.drops();
    await chat.person('bob');
    await chat.person('carol');
    expect(look().connections.map(({ id }) => id)).toEqual([2, 3]);
  });
});

describe('the rate of lines', () => {
  test('is since it connected at first, and then that of the last looks', async () => {
    const { chat, look } = await world();
    const rate = () => look().connections[0]?.linesPerMinute;
    const person = await chat.person('alice', 'ops');
    await chat.wait(58_000);
    await chat.wait(2000);
    // register, /join
    expect(rate()).toBe(2);
    await person.types('one', 'two', 'three');
    await chat.wait(10_000);
    // Two looks are needed to see what was between them; until then it is the average.
    expect(rate()).toBe(18);
    await person.types('four');
    await chat.wait(5000);
    // Four in the 15 s since the first look.
    expect(rate()).toBe(16);
    await chat.wait(5000);
    expect(rate()).toBe(6);
    await chat.wait(10_000);
    expect(rate()).toBe(0);
  });

  test('counts every line that came, and makes no more of it than there is for who came just now', async () => {
    const { chat, look } = await world();
    const person = chat.connect();
    await person.types('register alice', 'help', 'nonsense');
    expect(look().connections[0]?.linesPerMinute).toBe(18);
  });
});

describe('connections', () => {
  test('are sorted by anything, either way', async () => {
    const { chat, look } = await world();
    const carol = await from(chat, '192.0.2.3', 'carol', 'ops', 'dev');
    await from(chat, '192.0.2.9', 'Alice');
    const bob = await from(chat, '192.0.2.1', 'bob', 'ops');
    await chat.wait(1000);
    await carol.types('hello', 'hello');
    bob.link.room = 0;
    await bob.types('/who', '/who', '/who', '/who');
    const sorted = (sort: ConnectionsAsked['sort'], order: ConnectionsAsked['order'] = 'asc') =>
      names(look({ sort, order }));
    expect(sorted('name')).toEqual(['Alice', 'bob', 'carol']);
    expect(sorted('name', 'desc')).toEqual(['carol', 'bob', 'Alice']);
    expect(sorted('address')).toEqual(['bob', 'carol', 'Alice']);
    expect(sorted('rooms')).toEqual(['Alice', 'bob', 'carol']);
    expect(sorted('connectedAt')).toEqual(['carol', 'Alice', 'bob']);
    expect(sorted('idleMs', 'desc').at(0)).toBe('Alice');
    expect(sorted('linesPerMinute', 'desc').at(-1)).toBe('Alice');
    expect(sorted('outboxBytes', 'desc').at(0)).toBe('bob');
    expect(sorted('dialect')).toEqual(['carol', 'Alice', 'bob']);
    const visitor = chat.connect();
    expect(sorted('name').at(-1)).toBeNull();
    await visitor.drops();
  });

  test('are found by part of a name, an address or a room, in any case', async () => {
    const { chat, look } = await world();
    await from(chat, '192.0.2.3', 'Carol', 'ops', 'dev');
    await from(chat, '2001:db8::9', 'alice');
    await from(chat, '203.0.113.1', 'bob', 'devils');
    const found = (search: string) => names(look({ search }));
    expect(found('AR')).toEqual(['Carol']);
    expect(found('DEV')).toEqual(['Carol', 'bob']);
    expect(found('2001:DB8')).toEqual(['alice']);
    expect(found('.113.')).toEqual(['bob']);
    expect(look({ search: 'nobody' })).toEqual({ total: 0, connections: [] });
    expect(look({ search: 'dev', limit: 1 })).toMatchObject({ total: 2, connections: [{ name: 'Carol' }] });
  });

  test('come in pages that make up the whole, whatever they are sorted by', async () => {
    const { chat, look } = await world();
    for (let i = 0; i < 30; i++)
      await from(chat, `192.0.2.${i % 7}`, `p${i}`, ...['a', 'b', 'c'].slice(0, i % 4));
    const page = fc.record({
      sort: fc.constantFrom(...CONNECTION_SORTS),
      order: fc.constantFrom('asc', 'desc'),
      limit: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(page, asked => {
        // So many are sorted, and not picked out.
        const whole = look({ ...asked, limit: 2000 }).connections.map(({ id }) => id);
        expect(new Set(whole).size).toBe(30);
        const parts: number[] = [];
        for (let offset = 0; offset < 40; offset += asked.limit)
          parts.push(...look({ ...asked, offset }).connections.map(({ id }) => id));
        expect(parts).toEqual(whole);
      }),
    );
  });
});
