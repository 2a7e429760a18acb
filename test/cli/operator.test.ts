/** What operators' commands do and say, each over the routes of a chat in memory. */
import { describe, expect, test } from 'bun:test';
import { ANNOUNCE } from '../../src/cli/announce.ts';
import { BAN } from '../../src/cli/ban.ts';
import { LIST_BANS } from '../../src/cli/bans.ts';
import { KICK } from '../../src/cli/kick.ts';
import { ROOM_WORK } from '../../src/cli/room.ts';
import { UNBAN } from '../../src/cli/unban.ts';
import { USER_WORK } from '../../src/cli/user.ts';
import { Operated } from './operated.ts';

const SECRET = 'correct horse';
const WORKS = {
  announce: ANNOUNCE,
  ban: BAN,
  bans: LIST_BANS,
  kick: KICK,
  room: ROOM_WORK,
  unban: UNBAN,
  user: USER_WORK,
};

async function world() {
  const operated = await Operated.start(WORKS);
  const alice = await operated.chat.account('alice', SECRET, 'ops');
  const bob = await operated.chat.person('bob', 'ops');
  alice.screen();
  bob.screen();
  const run = (line: string, secret?: string) => operated.run(line.split(' '), secret);
  return { operated, chat: operated.chat, alice, bob, run };
}

describe('parley user', () => {
  test('list shows accounts as a table, or as JSON', async () => {
    const { run } = await world();
    await run('user promote alice');
    const [titles, row, end] = (await run('user list')).out.split('\n');
    expect(titles).toMatch(/^name {3}operator {2}connections {2}created \(UTC\) {5}last seen \(UTC\)$/);
    expect(row).toMatch(/^alice {2}yes {17}1 {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}\d{4}-\d\d-\d\d \d\d:\d\d$/);
    expect(end).toBe('');
    const { users } = JSON.parse((await run('user list --json')).out);
    expect(users).toMatchObject([{ name: 'alice', operator: true, connections: 1 }]);
    await run('user delete alice');
    expect(await run('user list')).toMatchObject({ out: '', err: [expect.stringContaining('no accounts')] });
  });

  test('add asks for the password, which is nowhere else', async () => {
    const { run, chat } = await world();
    const made = await run('user add carol', 'battery staple');
    expect(made).toEqual({ out: '', err: ['Password for carol?', 'carol is an account now'], end: 0 });
    expect((await chat.connect().asks('login carol battery staple')).join()).not.toContain('!');
    expect((await run('user add carol', 'battery staple')).end).toBe('name-owned');
    expect((await run('user add dave', 'x')).end).toBe('password-too-short');
  });

  test('passwd changes it, and says who stays signed in', async () => {
    const { run, chat } = await world();
    expect((await run('user passwd alice', 'battery staple')).err.at(-1)).toBe(
      'the password of alice is changed. 1 connection of it stay signed in; to end them: parley kick alice',
    );
    expect((await chat.connect().asks(`login alice ${SECRET}`)).join()).toContain('wrong-password');
    expect((await run('user passwd bob', SECRET)).end).toBe('no-such-account');
  });

  test('promote and demote say what it is now', async () => {
    const { run } = await world();
    expect((await run('user promote Alice')).err).toEqual(['alice is an operator of the server now']);
    expect((await run('user demote alice')).err).toEqual(['alice is no operator of the server']);
    expect((await run('user demote nobody')).end).toBe('no-such-account');
  });

  test('delete says what became of its connections', async () => {
    const { run, alice } = await world();
    expect((await run('user delete alice')).err).toEqual([
      'the account alice is deleted, 1 connection closed. What it said stays; its name is free',
    ]);
    expect(alice.link.state).toBe('ended');
  });
});

describe('parley room', () => {
  test('list shows rooms, the fullest first', async () => {
    const { run, alice } = await world();
    await alice.types('/join quiet', '/leave quiet', '/create secret', '/topic ops is here');
    const { out } = await run('room list');
    expect(out.split('\n')[0]).toMatch(/^room +people +topic$/);
    expect(out).toMatch(/^ops +2/m);
    expect(out).toMatch(/^secret-\w{12} +1 {2}unlisted {2}ops is here$/m);
    expect(JSON.parse((await run('room list --json')).out)).toMatchObject({ rooms: [{ name: 'ops' }, {}] });
  });

  test('show tells what it is like and who is in it', async () => {
    const { run, bob } = await world();
    await bob.drops();
    const { out } = await run('room show OPS');
    expect(out).toMatch(/^room +ops$/m);
    expect(out).toMatch(/^people +1 member here now$/m);
    expect(out).toMatch(/^is +open to all, and listed$/m);
    expect(out).toMatch(/^alice +operator +yes$/m);
    expect(JSON.parse((await run('room show ops --json')).out)).toMatchObject({
      name: 'ops',
      members: [{ name: 'alice', rank: 'operator' }],
    });
    expect((await run('room show nowhere')).end).toBe('no-such-room');
  });

  test('close prints the key and nothing else on standard output', async () => {
    const { run, bob } = await world();
    const { out, err } = await run('room close ops it is over');
    expect(out).toMatch(/^[0-9a-z]{12}\n$/);
    expect(err).toEqual(['ops is closed: 2 members put out. Whoever joins with this key runs it:']);
    expect(bob.screen().join()).toContain('it is over');
    expect((await bob.asks(`/join ops ${out.trim()}`)).join()).not.toContain('!');
  });

  test('unlist, relist and topic say how it is now', async () => {
    const { run, bob } = await world();
    expect((await run('room unlist ops')).err).toEqual(['ops is in no list now']);
    expect((await run('room relist ops')).err).toEqual(['ops is in all lists again']);
    expect((await run('room topic ops all is well')).err).toEqual(['the topic of ops: all is well']);
    expect(bob.screen().join()).toContain('all is well');
    expect((await run('room topic ops')).err).toEqual(['ops has no topic now']);
  });
});

test('kick closes every connection of a name with the reason', async () => {
  const { run, bob } = await world();
  expect((await run('kick bob enough of that')).err).toEqual([
    '1 connection of bob closed. To keep them out: parley ban bob',
  ]);
  expect(bob.screen()).toContain('! server-kicked: parley put you off this server: enough of that');
  expect((await run('kick bob')).end).toBe('not-online');
});

test('ban, bans and unban agree on what a ban is called', async () => {
  const { run, chat } = await world();
  expect((await run('bans')).err).toEqual(['nobody is banned from the server']);
  expect((await run('ban Bob spam, again')).err).toEqual([
    'bob is banned, 1 connection closed. To lift it: parley unban bob',
  ]);
  expect((await run('ban 203.0.113.7/24')).err[0]).toContain(
    '203.0.113.0/24 is banned, 0 connections closed',
  );
  expect((await run('bans')).out).toBe(
    'banned          kind     reason\nbob             name     spam, again\n203.0.113.0/24  address\n',
  );
  expect(JSON.parse((await run('bans --json')).out).bans).toHaveLength(2);
  expect((await run('unban 203.0.113.0/24')).err).toEqual(['203.0.113.0/24 is banned no more']);
  expect((await run('unban bob')).err).toEqual(['bob is banned no more']);
  expect((await run('unban bob')).end).toBe('ban-not-found');
  expect(chat.logged.join('\n')).toContain('info an operator banned {"by":"parley"');
});

test('announce tells everyone, and on how many connections', async () => {
  const { run, alice } = await world();
  expect((await run('announce back in five')).err).toEqual(['shown on 2 connections']);
  expect(alice.screen().join()).toContain('back in five');
});
