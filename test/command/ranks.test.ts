import { expect, test } from 'bun:test';
import { Chat, type Person } from '../helper/chat.ts';

async function ops(): Promise<{ chat: Chat; alice: Person; bob: Person }> {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('Bob', 'ops');
  alice.screen();
  return { chat, alice, bob };
}

test('op makes an operator, deop an ordinary member again, for all to see', async () => {
  const { alice, bob } = await ops();
  expect(await alice.asks('/op @bob')).toEqual(['* Bob is an operator of ops.']);
  expect(bob.screen()).toEqual(['* alice made Bob an operator of ops']);
  expect(await bob.asks('/topic mine')).toEqual(['* Topic of ops: mine (Bob)']);
  expect((await bob.asks('/deop alice')).at(-1)).toBe('* alice is not an operator of ops.');
  expect((await alice.asks('/topic mine')).at(-1)).toBe(
    '! not-operator: only an operator of ops may do that.',
  );
});

test('doing it twice says the same, and bothers nobody', async () => {
  const { alice, bob } = await ops();
  await alice.types('/op bob');
  bob.screen();
  expect((await alice.asks('/op bob')).at(-1)).toBe('* Bob is an operator of ops.');
  await alice.types('/deop bob');
  expect((await alice.asks('/deop bob')).at(-1)).toBe('* Bob is not an operator of ops.');
  expect(bob.screen()).toEqual(['* alice made Bob an ordinary member of ops']);
});

test('deop without a name gives it up, unless nobody else runs the room', async () => {
  const { alice, bob } = await ops();
  expect(await alice.asks('/deop')).toEqual([
    '! last-operator: you are the only operator of ops. Make another first: /op <name>',
  ]);
  await alice.types('/op bob');
  alice.screen();
  expect(await alice.asks('/deop')).toEqual(['* alice is not an operator of ops.']);
  expect(bob.screen()).toEqual(['* alice made Bob an operator of ops', '* alice gave up running ops']);
  expect(await alice.asks('/deop')).toEqual(['! not-operator: only an operator of ops may do that.']);
});

test('nobody raises themselves, and only members have a rank', async () => {
  const { chat, alice, bob } = await ops();
  await chat.person('carol', 'dev');
  expect(await alice.asks('/op alice')).toEqual([
    '! rank-self: nobody changes their own rank. To give it up: /deop',
  ]);
  expect(await bob.asks('/op Bob')).toEqual(['! not-operator: only an operator of ops may do that.']);
  for (const verb of ['op', 'deop', 'voice', 'unvoice'])
    expect(await alice.asks(`/${verb} carol`)).toEqual(['! member-not-found: carol is not in ops.']);
  for (const verb of ['op', 'voice', 'unvoice'])
    expect(await alice.asks(`/${verb}`)).toEqual([
      `! missing-argument: something is missing. Usage: ${verb} <name>`,
    ]);
});

test('voice lets somebody speak in a moderated room, and unvoice takes it away', async () => {
  const { alice, bob } = await ops();
  await alice.types('/moderated on');
  expect(await bob.asks('hello')).toEqual([
    '! moderated: ops is moderated: only operators and those with a voice speak.',
  ]);
  expect(await alice.asks('/voice bob')).toEqual(['* Bob has a voice in ops.']);
  expect(bob.screen()).toEqual(['* alice gave Bob a voice in ops']);
  await bob.types('hello');
  expect(alice.screen()).toEqual(['Bob (in ops): hello']);
  expect(await alice.asks('/unvoice bob')).toEqual(['* Bob has no voice in ops.']);
  expect(await bob.asks('hello')).toContain(
    '! moderated: ops is moderated: only operators and those with a voice speak.',
  );
});

test('an operator speaks anyway, and is not made less by voice', async () => {
  const { alice, bob } = await ops();
  await alice.types('/op bob');
  for (const verb of ['voice', 'unvoice'])
    for (const name of ['bob', 'alice'])
      expect((await alice.asks(`/${verb} ${name}`)).at(-1)).toBe(
        `! bad-argument: ${name === 'bob' ? 'Bob' : name} speaks anyway, as an operator of ops. Usage: ${verb} <name>`,
      );
  expect(await bob.asks('/users')).toContain('* ops: 2 here: @Bob, @alice');
});

test('deop is not for those with a voice', async () => {
  const { alice } = await ops();
  await alice.types('/voice bob');
  expect((await alice.asks('/deop bob')).at(-1)).toBe(
    '! bad-argument: Bob is no operator of ops. Usage: deop <name>',
  );
});

test('the rank of an account outlives its session', async () => {
  const { chat, alice } = await ops();
  const carol = await chat.account('carol', 'longenough', 'ops');
  await alice.types('/op carol');
  await carol.types('/exit');
  const back = chat.connect();
  await back.types('login carol longenough', '/users');
  expect(back.screen().at(-1)).toBe('* ops: 3 here: @alice, @carol, Bob');
});
