import { describe, expect, test } from 'bun:test';
import { Chat, type Person } from '../helper/chat.ts';

async function ops(): Promise<{ chat: Chat; alice: Person; bob: Person }> {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  alice.screen();
  return { chat, alice, bob };
}

describe('outside of a room', () => {
  test('bare words are commands, and so are lines with a slash', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    for (const line of ['who alice', '/who alice', '  who   alice  ', 'WHO alice', '/ who alice'])
      expect(await alice.asks(line)).toEqual(['*   alice  -  active']);
  });

  test('nothing is nothing: empty lines, spaces, a slash alone', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    for (const line of ['', '   ', '\t', '/', '/  ', '\u00a0']) expect(await alice.asks(line)).toEqual([]);
  });

  test('a line with two slashes is no command either', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    expect(await alice.asks('//')).toEqual(['! unknown-command: / is not a command. Try: /help']);
    expect(await alice.asks('//join ops')).toEqual([
      '! unknown-command: /join is not a command. Did you mean: join?',
    ]);
  });
});

describe('inside a room', () => {
  test('every line is said as it is, and its speaker sees nothing: silence means kept', async () => {
    const { alice, bob } = await ops();
    const lines = [
      'hello team',
      '  indented',
      'trailing  ',
      'join dev',
      'msg bob hi',
      '* fake',
      '! fake',
      'naïve 漢字 👩‍👩‍👧',
    ];
    for (const line of lines) expect(await alice.asks(line)).toEqual([]);
    expect(bob.screen()).toEqual(lines.map(line => `alice (in ops): ${line}`));
  });

  test('lines that start with a slash are commands, and two slashes say one', async () => {
    const { alice, bob } = await ops();
    expect(await alice.asks('/who bob')).toEqual(['*   bob  ops  active']);
    await alice.types('//who bob', '//', '///x', '//leave');
    expect(bob.screen()).toEqual([
      'alice (in ops): /who bob',
      'alice (in ops): /',
      'alice (in ops): //x',
      'alice (in ops): /leave',
    ]);
  });

  test('a bare command is said, with a private hint for the command; leave alone leaves', async () => {
    const { alice, bob } = await ops();
    expect(await alice.asks('exit')).toEqual(['* That was said to ops. For the command: /exit']);
    expect(await alice.asks(' WHO ')).toEqual(['* That was said to ops. For the command: /who']);
    expect(await alice.asks('exits')).toEqual([]);
    expect(await alice.asks('exit now')).toEqual([]);
    expect(bob.screen()).toEqual([
      'alice (in ops): exit',
      'alice (in ops):  WHO ',
      'alice (in ops): exits',
      'alice (in ops): exit now',
    ]);
    expect(await alice.asks('leave')).toEqual(['* You left ops.']);
  });

  test('empty lines and lines of spaces are not said', async () => {
    const { alice, bob } = await ops();
    for (const line of ['', '   ', '\t\t', '\u3000', '/', '/ ']) expect(await alice.asks(line)).toEqual([]);
    expect(bob.screen()).toEqual([]);
  });

  test('a line that grows too long by cleaning is refused, and one that fits is kept whole', async () => {
    const { alice, bob } = await ops();
    expect(await alice.asks(`x${'\t'.repeat(2000)}x`)).toEqual([
      '! text-too-long: that text is longer than 4096 bytes.',
    ]);
    await alice.types('é'.repeat(2048));
    expect(bob.screen()).toEqual([`alice (in ops): ${'é'.repeat(2048)}`]);
    expect(await alice.asks('é'.repeat(2049))).toEqual([
      '! line-too-long: that line is longer than 4096 bytes and was not read. Send it in parts.',
    ]);
  });

  test('lines that cannot be read are refused one by one, and the next is said', async () => {
    const { chat, alice, bob } = await ops();
    alice.sends(Buffer.from('one\n\xc3\x28\nt\0wo\nthree\n', 'latin1'));
    await chat.settle();
    expect(alice.screen()).toEqual([
      '! bad-utf8: that line is not UTF-8 and was not read.',
      '! bad-nul: that line has a NUL byte in it and was not read.',
    ]);
    expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): three']);
  });
});

describe('answers', () => {
  test('come in the order of the lines, however many come at once', async () => {
    const { chat, alice, bob } = await ops();
    await alice.types('/set echo on', '/away lunch', '/msg bob x');
    await bob.types('/away tea');
    alice.screen();
    alice.sends('one\n/who bob\ntwo\nexit\n/msg bob three\n/msg bob four\nfive\n\xff\n/who bob\n');
    await chat.settle();
    expect(alice.screen()).toEqual([
      'alice (in ops): one',
      '*   bob  ops  active  away: tea',
      'alice (in ops): two',
      'alice (in ops): exit',
      '* That was said to ops. For the command: /exit',
      'alice (private to bob): three',
      '* bob is away: tea.',
      'alice (private to bob): four',
      '* bob is away: tea.',
      'alice (in ops): five',
      'alice (in ops): ÿ',
      '*   bob  ops  active  away: tea',
    ]);
  });

  test('lines that are only said go out together, in one turn', async () => {
    const { chat, alice, bob } = await ops();
    const before = bob.link.writes.length;
    alice.sends('one\ntwo\nthree\n');
    await chat.settle();
    expect(bob.screen()).toHaveLength(3);
    expect(bob.link.writes.length).toBe(before + 1);
  });

  test('a refusal among said lines comes after them, and stops none', async () => {
    const { chat, alice, bob } = await ops();
    await alice.types('/set echo on');
    alice.screen();
    alice.sends(`one\n${'\t'.repeat(4000)}x\ntwo\n`);
    await chat.settle();
    expect(alice.screen()).toEqual([
      'alice (in ops): one',
      '! text-too-long: that text is longer than 4096 bytes.',
      'alice (in ops): two',
    ]);
    expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): two']);
  });

  test('wait for a store that does not answer, and lines are not lost meanwhile', async () => {
    const { chat, alice, bob } = await ops();
    chat.backend.hold();
    await alice.types('one', '/who bob', 'two');
    expect(alice.screen()).toEqual([
      '* The store is not answering. What you say waits, in order, and nothing is lost.',
    ]);
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen()).toContain('*   bob  ops  active');
    expect(bob.screen().filter(line => !line.startsWith('*'))).toEqual([
      'alice (in ops): one',
      'alice (in ops): two',
    ]);
  });

  test('do not wait for a link that is gone meanwhile', async () => {
    const { chat, alice, bob } = await ops();
    chat.backend.hold();
    await alice.types('one', '/topic two');
    await alice.drops();
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => /alice/.test(line))).toEqual([
      'alice (in ops): one',
      '* alice left ops (connection lost)',
    ]);
    expect(chat.logged.filter(entry => entry.startsWith('error'))).toEqual([]);
  });

  test('what could not be kept is told, and nobody saw it', async () => {
    const { chat, alice, bob } = await ops();
    chat.backend.failNext('store-full');
    expect(await alice.asks('hello')).toEqual([
      '! store-full: the disk is full: what you said was NOT kept and nobody saw it. Try again later.',
    ]);
    expect(bob.screen()).toEqual([]);
    await alice.types('hello again');
    expect(bob.screen()).toEqual(['alice (in ops): hello again']);
  });
});

describe('a question', () => {
  test('is answered by the next line, whatever it looks like', async () => {
    const { alice, bob } = await ops();
    await alice.types('/msg', 'bob', '/exit');
    expect(bob.screen()).toEqual(['alice (private): /exit']);
    await alice.types('hello');
    expect(bob.screen()).toEqual(['alice (in ops): hello']);
  });

  test('waits through a line that could not be read', async () => {
    const { chat, alice, bob } = await ops();
    await alice.types('/msg');
    alice.sends(Buffer.from('\xff\n', 'latin1'));
    await chat.settle();
    await alice.types('bob', 'hello');
    expect(alice.screen()).toEqual(['To: ! bad-utf8: that line is not UTF-8 and was not read.', 'Message: ']);
    expect(bob.screen()).toEqual(['alice (private): hello']);
  });

  test('ends with the connection, and with the last line of a pipe', async () => {
    const { chat, alice, bob } = await ops();
    await alice.types('/msg', 'bob');
    await alice.hangsUp();
    expect(alice.screen()).toEqual([
      'To: Message: ! missing-argument: something is missing. Usage: message <name> <text>',
    ]);
    expect(alice.link.state).toBe('ended');
    await bob.types('/msg');
    await bob.drops();
    expect(chat.hub.sessions.size).toBe(0);
    expect(chat.logged).toEqual([]);
  });

  test('lets others be heard meanwhile', async () => {
    const { alice, bob } = await ops();
    await alice.types('/msg');
    await bob.types('hello');
    await alice.types('bob', 'hi');
    expect(alice.screen()).toEqual(['To: [12:00:00] bob (in ops): hello', 'Message: ']);
    expect(bob.screen()).toEqual(['alice (private): hi']);
  });
});

describe('editing and line ends', () => {
  test('telnet and raw terminals are read as their users meant it', async () => {
    const { chat, alice, bob } = await ops();
    alice.sends('helo\blo\r\nfor all\x15for bob\r\0one\x7f\x7f\x7ftwo\n');
    alice.sends(Uint8Array.of(255, 253, 1, ...Buffer.from('te'), 255, 241, ...Buffer.from('lnet\n')));
    await chat.settle();
    expect(bob.screen()).toEqual([
      'alice (in ops): hello',
      'alice (in ops): for bob',
      'alice (in ops): two',
      'alice (in ops): telnet',
    ]);
  });

  test('the last line of a pipe counts without its end', async () => {
    const { alice, bob } = await ops();
    bob.sends('one\ntwo');
    await bob.hangsUp();
    expect(alice.screen()).toEqual([
      'bob (in ops): one',
      'bob (in ops): two',
      '* bob left ops (connection closed)',
    ]);
  });
});
