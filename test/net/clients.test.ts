/** Who is let in, who stays too long, and everyone's way out: over a chat in memory. */
import { describe, expect, test } from 'bun:test';
import { Networks } from '../../src/chat/address.ts';
import type { LinkHandler } from '../../src/net/accept.ts';
import { Clients, type Gate } from '../../src/net/clients.ts';
import { Chat } from '../helper/chat.ts';
import { FakeLink } from '../helper/link.ts';

const GATE: Gate = {
  connections: 0,
  perAddress: 0,
  exempt: new Networks(['127.0.0.0/8']),
  memory: 0,
  signInTimeout: 0,
};

async function door(
  gate: Partial<Gate>,
): Promise<{ chat: Chat; clients: Clients; comes: (from: string) => Guest }> {
  const chat = await Chat.start();
  const clients = new Clients(chat.clients, chat.wire, { ...GATE, ...gate });
  return { chat, clients, comes: from => new Guest(chat, clients, from) };
}

class Guest {
  readonly link = new FakeLink();
  private readonly handler: LinkHandler | null;

  constructor(
    private readonly chat: Chat,
    clients: Clients,
    address: string,
  ) {
    this.handler = clients.open(this.link, { address, port: 4711, listener: 'here', tls: false });
  }

  get isIn(): boolean {
    return this.handler !== null;
  }

  get screen(): string[] {
    return this.link.text.trimEnd().split('\n');
  }

  async types(...lines: string[]): Promise<void> {
    this.handler?.data(Buffer.from(lines.map(line => `${line}\n`).join('')));
    await this.chat.settle();
  }

  async goes(): Promise<void> {
    this.link.lose();
    this.handler?.gone('closed');
    await this.chat.settle();
  }
}

describe('who comes', () => {
  test('is told when the server is full, and let in once somebody has gone', async () => {
    const { chat, comes } = await door({ connections: 2 });
    const [first, second] = [comes('192.0.2.1'), comes('192.0.2.2')];
    const third = comes('192.0.2.3');
    expect([first.isIn, second.isIn, third.isIn]).toEqual([true, true, false]);
    expect(third.screen).toEqual([
      '! server-full: this server has 2 connections, which is the most it takes. Try later.',
    ]);
    expect(chat.hub.counters.refusals['server-full']).toBe(1);
    await first.goes();
    expect(comes('192.0.2.3').isIn).toBe(true);
  });

  test('counts with its address: IPv4 whole, IPv6 by its /64, exempt networks and unix sockets not at all', async () => {
    const { chat, comes } = await door({ perAddress: 1 });
    const first = comes('192.0.2.1');
    const again = comes('192.0.2.1');
    expect(again.screen).toEqual([
      '! address-full: your address has 1 connections, which is the most. Close one first.',
    ]);
    expect(chat.hub.counters.refusals['address-full']).toBe(1);
    expect(comes('192.0.2.2').isIn).toBe(true);
    expect(comes('2001:db8::1').isIn).toBe(true);
    expect(comes('2001:db8::2').isIn).toBe(false);
    expect(comes('2001:db8:0:1::2').isIn).toBe(true);
    for (const exempt of ['127.0.0.1', '127.0.0.1', '', '']) expect(comes(exempt).isIn).toBe(true);
    await first.goes();
    expect(comes('192.0.2.1').isIn).toBe(true);
  });

  test('goes by new limits from the moment they are in force', async () => {
    const { clients, comes } = await door({ connections: 1 });
    expect([comes('192.0.2.1').isIn, comes('192.0.2.2').isIn]).toEqual([true, false]);
    clients.configure(
      { serverName: 'there', welcome: '', outboxHard: '1 MiB', page: null },
      { ...GATE, connections: 2 },
    );
    expect([comes('192.0.2.2').isIn, comes('192.0.2.3').isIn]).toEqual([true, false]);
  });

  test('is not let in from a banned address, and is told so; this very machine always is', async () => {
    const { chat, comes } = await door({});
    const bans = chat.hub.serverBans;
    const on = (what: string) => ({ kind: 'address', what, label: what, reason: 'spam' }) as const;
    for (const what of ['192.0.2.1', '2001:db8::/64', '0.0.0.0/0', '::/0']) {
      bans.set(on(what));
      const met = comes(what.includes(':') ? '2001:db8::5' : '192.0.2.1');
      expect(met.isIn).toBe(false);
      expect(met.screen).toEqual(['! server-banned: your address is banned from this server: spam']);
      for (const address of ['127.0.0.1', '::1', '']) expect(comes(address).isIn).toBe(true);
      bans.remove(on(what));
      expect(comes('192.0.2.1').isIn).toBe(true);
    }
    bans.set(on('192.0.2.0/24'));
    expect([comes('192.0.2.9').isIn, comes('192.0.3.9').isIn, comes('2001:db8::5').isIn]).toEqual([
      false,
      true,
      true,
    ]);
    expect(chat.hub.counters.refusals['server-banned']).toBe(5);
  });

  test('is not let in while memory is short, and is again when there is enough', async () => {
    const { chat, clients, comes } = await door({ memory: 1 });
    clients.startSweeping();
    expect(comes('192.0.2.1').isIn).toBe(true);
    await chat.wait(1000);
    expect(comes('192.0.2.1').screen).toEqual([
      '! memory-full: this server is short of memory and takes no new connections. Try later.',
    ]);
    expect(chat.logged).toContainEqual(expect.stringContaining('short of memory'));
    clients.configure({ serverName: 'here', welcome: '', outboxHard: '1 MiB', page: null }, GATE);
    await chat.wait(1000);
    expect(comes('192.0.2.1').isIn).toBe(true);
  });
});

describe('who does not sign in in time', () => {
  test('is closed with a reason, and nobody else is', async () => {
    const { chat, clients, comes } = await door({ signInTimeout: 20_000 });
    clients.startSweeping();
    const [visitor, alice, slow] = [comes('192.0.2.1'), comes('192.0.2.2'), comes('192.0.2.3')];
    await alice.types('register alice');
    chat.backend.hold();
    await slow.types('register bob');
    await chat.wait(19_000);
    expect(visitor.link.state).toBe('open');
    await chat.wait(2000);
    expect(visitor.screen.at(-1)).toBe('! sign-in-timeout: nobody signed in within 20 s.');
    expect([visitor, alice, slow].map(({ link }) => link.state)).toEqual(['ended', 'open', 'open']);
    expect(chat.hub.counters.refusals['sign-in-timeout']).toBe(1);
  });
});

describe('a server that stops', () => {
  test('tells everyone, lets everything said have its outcome, and is done when all have gone', async () => {
    const { chat, clients, comes } = await door({});
    const [alice, bob] = [comes('192.0.2.1'), comes('192.0.2.2')];
    await alice.types('register alice', 'join ops');
    await bob.types('register bob', 'join ops');
    const said = bob.types('last words');
    let done = false;
    const drained = clients.drain(5000).then(() => {
      done = true;
    });
    await said;
    for (const person of [alice, bob]) {
      expect(person.link.state).toBe('ended');
      expect(person.screen).toContainEqual(expect.stringContaining('* parley is stopping.'));
    }
    await chat.wait(100);
    expect(done).toBe(false);
    for (const person of [alice, bob]) await person.goes();
    await chat.wait(100);
    await drained;
    const later = comes('192.0.2.3');
    await later.types('register carol', 'join ops');
    expect(later.screen.at(-1)).toContain('bob (in ops): last words');
  });

  test('waits no longer than its deadline', async () => {
    const { chat, clients, comes } = await door({});
    await comes('192.0.2.1').types('register alice');
    const drained = clients.drain(1000);
    await chat.wait(1100);
    await drained;
  });
});
