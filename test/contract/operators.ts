/** The part of the contract suite that is about what operators of the server decide. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Ban } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import type { Token } from '../../src/chat/ports.ts';
import { enter, type Factory, keep, type Opened } from './harness.ts';

const HASH = 'a'.repeat(64);
const OTHER_HASH = 'b'.repeat(64);

export function token(parts: Partial<Token> = {}): Token {
  return {
    id: 'abcd1234',
    name: 'Deploys',
    rooms: ['ops', 'Dev'],
    read: false,
    write: true,
    created: 1_767_225_600_000,
    lastUsed: null,
    ...parts,
  };
}

export function describeOperators(name: string, factory: Factory): void {
  describe(name, () => {
    let opened: Opened;

    beforeEach(async () => {
      opened = await factory();
    });

    afterEach(async () => {
      await opened.close();
    });

    /** What is answered once it is committed. */
    async function settled<T>(ask: Promise<T>): Promise<T> {
      await opened.settle();
      return ask;
    }

    const add = (what: Token, hash: string) => settled(opened.backend.addToken(what, hash));
    const remove = (id: string) => settled(opened.backend.removeToken(id));
    const claim = (name: string, as: 'guest' | 'account' = 'guest') =>
      settled(opened.backend.claim(name, as));

    describe('operators of the server', () => {
      const isOperator = async (name: string) => (await opened.backend.account(fold(name)))?.operator;

      test('are accounts that were made such, until they are no more, over a restart', async () => {
        await enter(opened, 'alice', 'account');
        expect(await isOperator('alice')).toBe(false);
        expect(await settled(opened.backend.setOperator(fold('ALICE'), true))).toBe('set');
        expect(await settled(opened.backend.setOperator(fold('alice'), true))).toBe('set');
        opened = await opened.reopen();
        expect(await isOperator('alice')).toBe(true);
        expect(await settled(opened.backend.setPassword(fold('alice'), 'another'))).toBe('set');
        expect(await isOperator('alice')).toBe(true);
        expect(await settled(opened.backend.setOperator(fold('alice'), false))).toBe('set');
        expect(await isOperator('alice')).toBe(false);
      });

      test('are no guests, and nobody that is not there', async () => {
        await enter(opened, 'alice', 'guest');
        expect(await settled(opened.backend.setOperator(fold('alice'), true))).toBe('no-such-account');
        expect(await settled(opened.backend.setOperator(fold('nobody'), true))).toBe('no-such-account');
        expect(await settled(opened.backend.createAccount('alice', 'hash', []))).toBe('created');
        expect(await isOperator('alice')).toBe(false);
      });
    });

    describe('accounts', () => {
      const remove = (name: string) => settled(opened.backend.deleteAccount(fold(name)));
      const listed = async (after = '', limit = 10) =>
        (await opened.backend.accounts(fold(after), limit)).map(({ name }) => name);

      test('are listed in the order of their names, a page at a time, guests left out', async () => {
        for (const name of ['carol', 'Alice', 'bob', 'dave']) await enter(opened, name, 'account');
        await enter(opened, 'guest', 'guest');
        await settled(opened.backend.setOperator(fold('bob'), true));
        for (let round = 0; round < 2; round++) {
          expect(await listed()).toEqual(['Alice', 'bob', 'carol', 'dave']);
          expect(await listed('', 2)).toEqual(['Alice', 'bob']);
          expect(await listed('bob', 2)).toEqual(['carol', 'dave']);
          expect(await listed('c')).toEqual(['carol', 'dave']);
          expect(await listed('dave')).toEqual([]);
          expect((await opened.backend.accounts('', 2)).map(({ operator }) => operator)).toEqual([
            false,
            true,
          ]);
          opened = await opened.reopen();
        }
        const [alice] = await opened.backend.accounts('', 1);
        const account = await opened.backend.account(fold('alice'));
        const known = await opened.backend.known(fold('alice'));
        expect([alice?.created, alice?.lastSeen]).toEqual([account?.created, known?.lastSeen]);
      });

      test('deleted are gone with their rights, rooms, settings and waiting messages; once', async () => {
        for (const name of ['Alice', 'bob']) {
          await enter(opened, name, 'account');
          const join = { type: 'join', room: 'ops', from: name, account: true, operator: false } as const;
          await keep(opened, join);
          opened.backend.saveSettings(fold(name), { echo: true });
        }
        await settled(opened.backend.setOperator(fold('alice'), true));
        await keep(opened, { type: 'message', room: 'ops', from: 'Alice', text: 'I was here' });
        opened.backend.release(fold('alice'));
        await keep(opened, { type: 'private', from: 'bob', to: 'alice', text: 'for her only' });
        expect(await remove('alice')).toBe('deleted');
        expect(await remove('alice')).toBe('no-such-account');
        for (let round = 0; round < 2; round++) {
          expect(await opened.backend.account(fold('alice'))).toBeNull();
          expect(await listed()).toEqual(['bob']);
          expect(await opened.backend.known(fold('alice'))).toMatchObject({ name: 'Alice', account: false });
          expect(await opened.backend.waiting(fold('alice'))).toEqual([]);
          expect((await opened.backend.openRoom('ops')).members.map(({ name }) => name)).toEqual(['bob']);
          const said = await opened.backend.history({ scope: { room: fold('ops') }, only: 'said', limit: 9 });
          expect(said).toMatchObject([{ from: 'Alice', text: 'I was here' }]);
          opened = await opened.reopen();
        }
      });

      test('deleted leave a name that whoever has it keeps, and that is anybody’s then', async () => {
        await enter(opened, 'alice', 'account');
        await settled(opened.backend.setOperator(fold('alice'), true));
        opened.backend.saveSettings(fold('alice'), { echo: true });
        expect(await remove('alice')).toBe('deleted');
        expect(await claim('alice')).toBe('taken');
        opened.backend.release(fold('alice'));
        await enter(opened, 'alice', 'account');
        expect(await opened.backend.account(fold('alice'))).toMatchObject({
          operator: false,
          settings: {},
          memberships: [],
        });
      });

      test('that are none are not deleted', async () => {
        await enter(opened, 'guest', 'guest');
        expect(await remove('guest')).toBe('no-such-account');
        expect(await remove('nobody')).toBe('no-such-account');
      });
    });

    test('how much there is grows with what is kept, and waiting messages are counted', async () => {
      await enter(opened, 'alice', 'guest');
      opened.backend.release(fold('alice'));
      const before = await opened.backend.stats();
      expect(before.waiting).toBe(0);
      for (const text of ['one', 'two'])
        await keep(opened, { type: 'private', from: 'bob', to: 'alice', text: text.repeat(1000) });
      const { bytes, waiting } = await opened.backend.stats();
      expect(waiting).toBe(2);
      expect(bytes).toBeGreaterThan(before.bytes);
    });

    describe('tokens', () => {
      test('are found by the hash of their secret, and listed oldest first, over a restart', async () => {
        const second = token({ id: 'zzzz', name: 'watch', rooms: null, read: true, write: false });
        const third = token({ id: 'aaaa', lastUsed: 5 });
        expect(await add(token(), HASH)).toBe('added');
        expect(await add(second, OTHER_HASH)).toBe('added');
        expect(await add(third, 'c'.repeat(64))).toBe('added');
        for (let round = 0; round < 2; round++) {
          expect(await opened.backend.tokens()).toEqual([token(), second, third]);
          expect(await opened.backend.tokenOf(HASH)).toEqual(token());
          expect(await opened.backend.tokenOf(OTHER_HASH)).toEqual(second);
          expect(await opened.backend.tokenOf('d'.repeat(64))).toBeNull();
          opened = await opened.reopen();
        }
      });

      test('are there only once that is committed', async () => {
        const asked = opened.backend.addToken(token(), HASH);
        expect(await opened.backend.tokenOf(HASH)).toBeNull();
        expect(await settled(asked)).toBe('added');
      });

      test('added again are added once; another under the same id is not', async () => {
        expect(await add(token(), HASH)).toBe('added');
        expect(await add(token({ name: 'another' }), HASH)).toBe('added');
        expect(await add(token(), OTHER_HASH)).toBe('store-failed');
        expect(await opened.backend.tokens()).toEqual([token()]);
      });

      test('taken back are gone, once', async () => {
        await add(token(), HASH);
        expect(await remove('abcd1234')).toBe('removed');
        expect(await remove('abcd1234')).toBe('no-such-token');
        expect(await opened.backend.tokenOf(HASH)).toBeNull();
        opened = await opened.reopen();
        expect(await opened.backend.tokens()).toEqual([]);
      });

      test('keep their name from everybody else, over a restart, until the last one of it is gone', async () => {
        await add(token(), HASH);
        await add(token({ id: 'other', name: 'DEPLOYS' }), OTHER_HASH);
        expect(await claim('deploys')).toBe('owned');
        expect(await claim('Deploys', 'account')).toBe('owned');
        expect(await settled(opened.backend.createAccount('deploys', 'hash', []))).toBe('owned');
        opened = await opened.reopen();
        expect(await claim('deploys')).toBe('owned');
        expect(await remove('abcd1234')).toBe('removed');
        expect(await claim('deploys')).toBe('owned');
        expect(await remove('other')).toBe('removed');
        expect(await claim('deploys')).toBe('claimed');
      });

      test('in the order of one turn', async () => {
        const [before, added, after, removed, again] = [
          opened.backend.claim('one', 'guest'),
          opened.backend.addToken(token({ name: 'two' }), HASH),
          opened.backend.claim('two', 'guest'),
          opened.backend.removeToken('abcd1234'),
          opened.backend.claim('two', 'guest'),
        ];
        expect(await settled(Promise.all([before, added, after, removed, again]))).toEqual([
          'claimed',
          'added',
          'owned',
          'removed',
          'claimed',
        ]);
      });

      test('do not take the name of an account; a guest who has it keeps it', async () => {
        await enter(opened, 'alice', 'account');
        expect(await add(token({ name: 'Alice' }), HASH)).toBe('owned');
        expect(await opened.backend.tokens()).toEqual([]);
        await enter(opened, 'bob', 'guest');
        expect(await add(token({ name: 'bob' }), HASH)).toBe('added');
        expect(await settled(opened.backend.createAccount('bob', 'hash', []))).toBe('owned');
        opened.backend.release(fold('bob'));
        expect(await claim('bob')).toBe('owned');
      });

      test('know when they were used last, seen at once and kept soon', async () => {
        await add(token(), HASH);
        const used = async () => (await opened.backend.tokens()).map(({ lastUsed }) => lastUsed);
        opened.backend.tokenUsed('abcd1234', 2000);
        opened.backend.tokenUsed('abcd1234', 1000);
        opened.backend.tokenUsed('nobody', 3000);
        expect(await used()).toEqual([2000]);
        expect((await opened.backend.tokenOf(HASH))?.lastUsed).toBe(2000);
        await opened.pass(3000);
        opened.backend.tokenUsed('abcd1234', 1500);
        expect(await used()).toEqual([2000]);
        opened = await opened.reopen();
        expect(await used()).toEqual([2000]);
        opened.backend.tokenUsed('abcd1234', 2500);
        opened = await opened.reopen();
        expect(await used()).toEqual([2500]);
      });

      test('made anew under an id that was used were never used', async () => {
        await add(token(), HASH);
        opened.backend.tokenUsed('abcd1234', 2000);
        await remove('abcd1234');
        opened.backend.tokenUsed('abcd1234', 3000);
        await add(token(), OTHER_HASH);
        await opened.pass(3000);
        expect(await opened.backend.tokens()).toEqual([token()]);
      });
    });

    describe('bans from the server', () => {
      const bob: Ban = { kind: 'name', what: 'bob', label: 'bob', reason: 'noise' };
      const net: Ban = { kind: 'address', what: '10.0.0.0/8', label: 'ban-1', reason: '' };

      test('are kept in their order, replaced by kind and target, lifted by label', async () => {
        const again = { ...bob, reason: 'more noise' };
        for (const ban of [bob, net, again])
          expect(await settled(opened.backend.addServerBan(ban))).toBe('set');
        opened = await opened.reopen();
        expect(await opened.backend.serverBans()).toEqual([net, again]);
        expect(await settled(opened.backend.removeServerBan('ban-1'))).toBe('removed');
        expect(await settled(opened.backend.removeServerBan('ban-1'))).toBe('no-such-ban');
        opened = await opened.reopen();
        expect(await opened.backend.serverBans()).toEqual([again]);
      });

      test('are not those of rooms', async () => {
        expect(await settled(opened.backend.addServerBan(bob))).toBe('set');
        expect((await opened.backend.openRoom('ops')).bans).toEqual([]);
      });
    });

    test('there is trouble while it stands still, and no longer', async () => {
      expect(opened.backend.trouble).toBeNull();
      opened.stall();
      const claim = opened.backend.claim('alice', 'guest');
      await opened.pass(3000);
      expect(opened.backend.trouble).toMatch(/^\S.*$/);
      opened.unstall();
      await opened.pass(1000);
      expect(await claim).toBe('claimed');
      expect(opened.backend.trouble).toBeNull();
    });
  });
}
