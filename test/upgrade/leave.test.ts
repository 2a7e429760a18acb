/** The way out: what is waited for, who is told what, and what keeps a program from being left. */
import { describe, expect, test } from 'bun:test';
import { Networks } from '../../src/chat/address.ts';
import type { LinkHandler } from '../../src/net/accept.ts';
import { Clients } from '../../src/net/clients.ts';
import { Leaving } from '../../src/upgrade/leave.ts';
import type { HandoverState } from '../../src/upgrade/state.ts';
import { Chat } from '../helper/chat.ts';
import { late } from '../helper/late.ts';
import { FakeLink } from '../helper/link.ts';

const GATE = { connections: 0, perAddress: 0, exempt: new Networks([]), memory: 0, signInTimeout: 0 };
const PEER = { address: '192.0.2.1', port: 40_000, listener: '127.0.0.1:8080', tls: false };

/** A chat whose clients came in by a listener. */
class House {
  readonly clients: Clients;
  readonly leaving: Leaving;
  readonly http: string[] = [];

  private constructor(readonly chat: Chat) {
    this.clients = new Clients(chat.clients, chat.wire, GATE);
    this.leaving = new Leaving({
      hub: chat.hub,
      clients: this.clients,
      listeners: [],
      outbox: chat.flusher.totals,
      http: {
        ports: { httpPort: 8081, httpsPort: null },
        stop: async () => void this.http.push('stopped'),
      },
    });
  }

  static async open(): Promise<House> {
    return new House(await Chat.start());
  }

  async comes(name: string, ...lines: string[]): Promise<Guest> {
    const link = new FakeLink();
    const handler = this.clients.open(link, PEER);
    if (!handler) throw new Error('turned away');
    const guest = new Guest(link, handler);
    guest.types(`register ${name}`, ...lines);
    await this.chat.settle();
    return guest;
  }

  /** What is handed over, and how many ms that took. */
  async leave(): Promise<{ state: HandoverState; ms: number }> {
    const began = this.chat.clock.now();
    const left: HandoverState[] = [];
    void this.leaving.leave('upgraded').then(state => left.push(state));
    await this.chat.settle();
    while (left.length === 0) await this.chat.wait(1);
    const [state] = left;
    if (!state) throw new Error('nothing was handed over');
    return { state, ms: this.chat.clock.now() - began };
  }
}

class Guest {
  constructor(
    readonly link: FakeLink,
    private readonly handler: LinkHandler,
  ) {}

  types(...lines: string[]): void {
    for (const line of lines) this.handler.data(Buffer.from(`${line}\n`));
  }
}

function names({ clients }: HandoverState): (string | null)[] {
  return clients.map(({ client }) => client.session.name);
}

/** What this one has yet to be sent. */
function unsent({ clients }: HandoverState, name: string): string {
  const { client } = clients.find(each => each.client.session.name === name) ?? {};
  const parts = client?.connection.outbox.unsent.map(({ bytes }) => Buffer.from(bytes, 'base64').toString());
  return (parts ?? []).join('');
}

describe('leaving', () => {
  test('keeps what was said in its last turn, ends HTTP first, and reads nothing more', async () => {
    const house = await House.open();
    const alice = await house.comes('alice', '/join ops');
    await house.comes('bob', '/join ops');
    alice.types('last words');
    const { state, ms } = await house.leave();
    expect(names(state)).toEqual(['alice', 'bob']);
    expect([house.http, ms < 10, alice.link.paused]).toEqual([['stopped'], true, true]);
    const kept = await house.chat.backend.history({
      scope: { room: 'ops' as never },
      only: 'said',
      limit: 9,
    });
    expect(kept.map(event => ('text' in event ? event.text : ''))).toEqual(['last words']);
  });

  test('takes along what arrives while it is under way, unread', async () => {
    const house = await House.open();
    const alice = await house.comes('alice', '/join ops');
    house.clients.hold();
    alice.types('said meanwhile');
    const { state } = await house.leave();
    const pending = state.clients[0]?.client.connection.lines?.pending ?? '';
    expect(Buffer.from(pending, 'base64').toString()).toBe('said meanwhile\n');
  });

  test('tells those behind TLS to come back, and their rooms that they left', async () => {
    const house = await House.open();
    const alice = await house.comes('alice', '/join ops');
    const carol = await house.comes('carol', '/join ops');
    carol.link.tls = true;
    const { state } = await house.leave();
    expect(names(state)).toEqual(['alice']);
    expect(carol.link.text).toContain('* parley is being upgraded. What was said is kept; come back');
    expect(carol.link.state).toBe('ended');
    expect(alice.link.text + unsent(state, 'alice')).toContain('carol left ops (parley is being upgraded)');
    expect(state.hub.users.map(user => user.name)).toEqual(['alice']);
  });

  test('waits a second for a sign-in, then closes it', async () => {
    const house = await House.open();
    await house.comes('alice', '/join ops');
    const far = late(house.chat.backend, 'waiting');
    const dave = await house.comes('dave');
    const { state, ms } = await house.leave();
    expect([names(state), ms >= 1000, ms < 2000]).toEqual([['alice'], true, true]);
    expect(dave.link.text).toContain('come back in a moment');
    far.stop();
  });

  test('says of a command that is not done by then that it is to be given again', async () => {
    const house = await House.open();
    const alice = await house.comes('alice', '/join ops');
    const far = late(house.chat.backend, 'history');
    alice.types('/history');
    const { state } = await house.leave();
    expect(names(state)).toEqual(['alice']);
    expect(alice.link.text + unsent(state, 'alice')).toContain('* parley was upgraded before that was done.');
    far.stop();
  });

  test('does not wait for the answer to a question', async () => {
    const house = await House.open();
    const alice = await house.comes('alice');
    alice.types('/message', 'alice');
    await house.chat.settle();
    const { state, ms } = await house.leave();
    expect(ms).toBeLessThan(10);
    expect(state.clients[0]?.client.question).toEqual({ command: 'message', answers: ['alice'] });
  });

  test('is not begun while the store takes no writes, or far too much waits for slow readers', async () => {
    const house = await House.open();
    expect(house.leaving.obstacle).toBeNull();
    house.chat.flusher.totals.bytes = 300 * 1024 * 1024;
    expect(house.leaving.obstacle).toContain('Try again later');
    house.chat.backend.hold();
    await house.chat.settle();
    expect(house.leaving.obstacle).toContain('Mend that first');
  });
});
