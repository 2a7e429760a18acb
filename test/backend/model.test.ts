/**
 * The two backends against each other: whatever is asked of them, in whatever order, they tell and answer
 * the same. The memory backend is simple enough to be read; the embedded one is held to it.
 */
import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { checkStore } from '../../src/backend/embedded/check.ts';
import type { Filing } from '../../src/backend/embedded/said.ts';
import type { Ban, Draft, ModeChange, Rank } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import type { Backend, HistoryQuery } from '../../src/chat/ports.ts';
import { type Opened, openEmbedded, openMemory, RecordingOrigin } from '../contract/harness.ts';

const NAMES = ['alice', 'Bob', 'carol'] as const;
const ROOMS = ['ops', 'Dev'] as const;
/** Tokens by id: whose it is, and whether it was made to read or to write. */
const TOKENS = NAMES.flatMap(who => [`${fold(who)}-true`, `${fold(who)}-false`]);
const WORDS = ['deploy', 'done', 'lunch', 'Ünder'] as const;

const name = fc.constantFrom(...NAMES);
const room = fc.constantFrom(...ROOMS, 'OPS');
const text = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
  .map(words => words.join(' '));
const rank = fc.constantFrom<Rank>('operator', 'voice', 'member');
const change: fc.Arbitrary<ModeChange> = fc.oneof(
  fc.record({ mode: fc.constantFrom('moderated' as const, 'unlisted' as const), on: fc.boolean() }),
  fc.record({ mode: fc.constant('key' as const), key: fc.option(fc.constant('sesame')) }),
);
const ban = fc.record({
  kind: fc.constantFrom('name' as const, 'address' as const),
  what: fc.constantFrom('bob', '10.0.0.0/8'),
  label: fc.constantFrom('bob', 'ban-1'),
  reason: fc.constantFrom('', 'noise'),
});

const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('message' as const), room, from: name, text }) },
  fc.record({ type: fc.constant('action' as const), room, from: name, text }),
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('join' as const),
      room,
      from: name,
      account: fc.boolean(),
      operator: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('leave' as const), room, from: name, reason: fc.constant('') }),
  },
  fc.record({ type: fc.constant('kick' as const), room, from: name, name, reason: fc.constant('out') }),
  fc.record({ type: fc.constant('topic' as const), room, from: name, text: fc.constantFrom('', 'deploys') }),
  fc.record({ type: fc.constant('mode' as const), room, from: name, change }),
  fc.record({ type: fc.constant('rank' as const), room, from: name, name, rank }),
  fc.record({ type: fc.constant('ban' as const), room, from: name, ban }),
  fc.record({
    type: fc.constant('unban' as const),
    room,
    from: name,
    label: fc.constantFrom('bob', 'ban-1'),
  }),
  { weight: 3, arbitrary: fc.record({ type: fc.constant('private' as const), from: name, to: name, text }) },
);

type Step =
  | { readonly do: 'post'; readonly draft: Draft; readonly keyed: boolean }
  | { readonly do: 'claim'; readonly name: string; readonly as: 'guest' | 'account' }
  | { readonly do: 'release' | 'create' | 'delete' | 'password' | 'settings' | 'seen'; readonly name: string }
  | { readonly do: 'operator' | 'add-token'; readonly name: string; readonly on: boolean }
  | { readonly do: 'remove-token' | 'use-token'; readonly id: string }
  | { readonly do: 'server-ban'; readonly ban: Ban }
  | { readonly do: 'server-unban'; readonly label: string }
  | { readonly do: 'read'; readonly name: string; readonly room: string; readonly id: number }
  | { readonly do: 'turn' | 'restart' }
  | { readonly do: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constant('post' as const),
      draft,
      keyed: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('claim' as const),
      name,
      as: fc.constantFrom('guest' as const, 'account' as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'release' as const,
        'create' as const,
        'delete' as const,
        'password' as const,
        'settings' as const,
        'seen' as const,
      ),
      name,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('operator' as const, 'add-token' as const),
      name,
      on: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('remove-token' as const, 'use-token' as const),
      id: fc.constantFrom(...TOKENS),
    }),
  },
  fc.record({ do: fc.constant('server-ban' as const), ban }),
  fc.record({ do: fc.constant('server-unban' as const), label: fc.constantFrom('bob', 'ban-1') }),
  { weight: 2, arbitrary: fc.record({ do: fc.constant('read' as const), name, room, id: fc.nat(40) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.constantFrom(300, 61_000) }) },
);

const BOUNDS = { mailbox: 2, retention: { age: 200_000, lines: 3, bytes: 0 } };

test('the memory and the embedded backend tell and answer the same', () => compare(), 120_000);

test('and the same while lines are filed a few at a time', () => compare({ after: 3, slice: 2 }), 120_000);

async function compare(filing?: Filing): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async steps => {
      const embedded = await openEmbedded(BOUNDS, filing);
      const sound = (): void => expect(checkStore(embedded.dir).findings).toEqual([]);
      expect(await perform(embedded, steps, sound)).toEqual(await perform(await openMemory(BOUNDS), steps));
    }),
    { numRuns: 150 },
  );
}

/**
 * Does the steps; answers everything that was told and, now and then, everything that can be asked. `check`
 * is called at the end, while it still runs.
 */
async function perform(
  opened: Opened,
  steps: readonly Step[],
  check = (): void => {},
): Promise<readonly unknown[]> {
  const seen: unknown[] = [];
  const answers: Promise<unknown>[] = [];
  const origin = new RecordingOrigin();
  for (const item of steps) {
    const { backend } = opened;
    switch (item.do) {
      case 'post':
        backend.post(item.draft, origin, item.keyed ? keyOf(item.draft) : undefined);
        break;
      case 'claim':
        answers.push(backend.claim(item.name, item.as));
        break;
      case 'release':
        backend.release(fold(item.name));
        break;
      case 'create':
        answers.push(backend.createAccount(item.name, 'hash', []));
        break;
      case 'delete':
        answers.push(backend.deleteAccount(fold(item.name)));
        break;
      case 'password':
        answers.push(backend.setPassword(fold(item.name), `hash ${answers.length}`));
        break;
      case 'operator':
        answers.push(backend.setOperator(fold(item.name), item.on));
        break;
      case 'add-token': {
        const id = `${fold(item.name)}-${item.on}`;
        const rooms = item.on ? null : ROOMS;
        const token = {
          id,
          name: item.name,
          rooms,
          read: item.on,
          write: !item.on,
          created: 1,
          lastUsed: null,
        };
        answers.push(backend.addToken(token, `hash of ${id}`));
        break;
      }
      case 'remove-token':
        answers.push(backend.removeToken(item.id));
        break;
      case 'use-token':
        await opened.settle();
        backend.tokenUsed(item.id, opened.clock.now() - (steps.length % 7));
        break;
      case 'server-ban':
        answers.push(backend.addServerBan(item.ban));
        break;
      case 'server-unban':
        answers.push(backend.removeServerBan(item.label));
        break;
      case 'settings':
        await opened.settle();
        backend.saveSettings(fold(item.name), { step: seen.length });
        await opened.settle();
        break;
      case 'seen':
        await opened.settle();
        backend.delivered(
          fold(item.name),
          (await backend.waiting(fold(item.name))).slice(0, 1).map(({ id }) => id),
        );
        await opened.settle();
        break;
      case 'read':
        await opened.settle();
        backend.saveRead(fold(item.name), [[fold(item.room), item.id]]);
        await opened.settle();
        break;
      case 'turn':
        await opened.settle();
        seen.push(await everything(backend));
        break;
      case 'pass':
        await opened.pass(item.ms);
        seen.push(await everything(backend));
        break;
      case 'restart':
        seen.push(opened.sink.batches);
        opened = await opened.reopen();
        break;
    }
  }
  await opened.settle();
  seen.push(await everything(opened.backend), await Promise.all(answers), opened.sink.batches);
  seen.push(
    opened.sink.refusals.map(({ code }) => code),
    origin.told,
    opened.log.lines,
  );
  check();
  await opened.close();
  return seen;
}

/** A key is posted again with the same draft only; a room that is gone may come back under another spelling. */
function keyOf(draft: Draft): string | undefined {
  return 'room' in draft && draft.room === 'OPS' ? undefined : JSON.stringify(draft);
}

async function everything(backend: Backend): Promise<unknown> {
  const scopes: HistoryQuery['scope'][] = [
    ...ROOMS.map(which => ({ room: fold(which) })),
    ...NAMES.flatMap((one, i) =>
      NAMES.slice(i).map(other => ({ between: [fold(one), fold(other)] as const, since: 0 })),
    ),
  ];
  const queries = scopes.flatMap((scope): HistoryQuery[] => [
    { scope, only: 'all', limit: 100 },
    { scope, only: 'said', limit: 2 },
    { scope, only: 'all', after: 5, limit: 3 },
    { scope, only: 'said', after: 2, before: 30, newest: true, limit: 2 },
  ]);
  const rooms = ROOMS.map(fold);
  return {
    rooms: await Promise.all(ROOMS.map(which => backend.openRoom(which))),
    listed: await backend.listedRooms(),
    count: backend.roomCount,
    names: await Promise.all(NAMES.map(who => backend.known(fold(who)))),
    accounts: await Promise.all(NAMES.map(who => backend.account(fold(who)))),
    page: await backend.accounts(fold('Bob'), 1),
    unseen: (await backend.stats()).waiting,
    tokens: await backend.tokens(),
    tokenOf: await Promise.all(TOKENS.map(id => backend.tokenOf(`hash of ${id}`))),
    bans: await backend.serverBans(),
    waiting: await Promise.all(NAMES.map(who => backend.waiting(fold(who)))),
    history: await Promise.all(queries.map(query => backend.history(query))),
    said: await Promise.all(rooms.map(which => backend.countSaid(which, 4, 3))),
    found: await Promise.all(
      ['deploy', 'done lunch', '"lunch done"', 'under', 'dep*'].map(words =>
        backend.search({ words, rooms, mine: { name: fold('bob'), since: 0 }, limit: 4 }),
      ),
    ),
  };
}
