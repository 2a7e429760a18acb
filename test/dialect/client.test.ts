/** A client's first bytes and its last: greeting, who is turned away, and closing. */
import { describe, expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

const GREETING = '* parley test at here. To begin: register <name>. Commands: help';

describe('the greeting', () => {
  test('comes at once to who says nothing, and once', async () => {
    const chat = await Chat.start();
    const someone = chat.connect();
    await chat.settle();
    expect(someone.raw()).toEqual([]);
    await chat.wait(200);
    expect(someone.raw()).toEqual([GREETING]);
    await someone.types('');
    await chat.wait(1000);
    expect(someone.raw()).toEqual([]);
  });

  test('comes before the first answer to who speaks first, also where that could not be read', async () => {
    const chat = await Chat.start();
    const script = chat.connect();
    await script.types('help exit');
    expect(script.raw().slice(0, 2)).toEqual([GREETING, '* exit [why…]: leave parley']);
    const other = chat.connect();
    await other.types('\0');
    expect(other.raw()).toEqual([GREETING, '! bad-nul: that line has a NUL byte in it and was not read.']);
    await chat.wait(1000);
    expect(
      script
        .raw()
        .concat(other.raw())
        .filter(line => line === GREETING),
    ).toEqual([]);
  });

  test('carries the admin’s own line, and asks for a password where accounts are required', async () => {
    const chat = await Chat.start({ rules: { accounts: 'required' } });
    chat.clients.welcome = 'Be kind.\x1b[2J';
    chat.clients.serverName = 'ship\x07';
    const someone = chat.connect();
    await chat.wait(200);
    expect(someone.raw()).toEqual([
      '* parley test at ship\ufffd. To begin: register <name> <password>. Commands: help',
      '* Be kind.\ufffd[2J',
    ]);
  });

  test('is spared who is gone before it', async () => {
    const chat = await Chat.start();
    const someone = chat.connect();
    await someone.drops();
    await chat.wait(1000);
    expect(someone.raw()).toEqual([]);
    expect(chat.clock.pending).toBe(2);
  });
});

describe('an HTTP request', () => {
  const REQUEST = 'POST /join HTTP/1.1\r\nHost: chat:8080\r\nContent-Type: text/plain\r\n\r\n';
  const EVIL = 'register mallory\njoin ops\nspam\n';

  async function room() {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    return { chat, alice };
  }

  test('is answered in HTTP, runs no command, and is closed', async () => {
    const { chat, alice } = await room();
    const browser = chat.connect();
    browser.sends(REQUEST + EVIL);
    await chat.settle();
    const [head = '', body = ''] = browser.link.text.split('\r\n\r\n');
    expect(head).toStartWith('HTTP/1.1 421 Misdirected Request\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(body).toBe('! http-request: this port speaks chat, not HTTP. Try: nc HOST PORT\n');
    expect(browser.link.state).toBe('ended');
    expect(alice.screen()).toEqual([]);
    expect(chat.hub.users.size).toBe(1);
    expect(chat.hub.counters.closed['http-request']).toBe(1);
  });

  test('runs no command byte by byte either', async () => {
    const { chat, alice } = await room();
    const browser = chat.connect();
    for (const byte of Buffer.from(REQUEST + EVIL)) {
      browser.sends(Uint8Array.of(byte));
      await chat.settle();
    }
    expect(browser.link.text).toStartWith('HTTP/1.1 421');
    expect(alice.screen()).toEqual([]);
  });

  test('that comes late, over a slow line, is turned away all the same', async () => {
    const { chat, alice } = await room();
    const browser = chat.connect();
    await chat.wait(400);
    browser.sends(REQUEST + EVIL);
    await chat.settle();
    expect(browser.raw()).toEqual([
      GREETING,
      '! http-request: this port speaks chat, not HTTP. Try: nc HOST PORT',
    ]);
    expect(browser.link.state).toBe('ended');
    expect(alice.screen()).toEqual([]);
  });

  test('whose path is longer than a line is known by its headers', async () => {
    const { chat, alice } = await room();
    const browser = chat.connect();
    browser.sends(REQUEST.replace('/join', `/${'a'.repeat(5000)}`) + EVIL);
    await chat.settle();
    expect(browser.screen().slice(1)).toEqual([
      '! line-too-long: that line is longer than 4096 bytes and was not read. Send it in parts.',
      '! http-request: this port speaks chat, not HTTP. Try: nc HOST PORT',
    ]);
    expect(browser.link.state).toBe('ended');
    expect(alice.screen()).toEqual([]);
  });

  test('is what a first line has to be in full: people may say GET', async () => {
    const { chat, alice } = await room();
    const bob = await chat.person('bob', 'ops');
    await bob.types('GET / HTTP/1.1', 'Host: me');
    expect(alice.screen().slice(1)).toEqual(['bob (in ops): GET / HTTP/1.1', 'bob (in ops): Host: me']);
    const carol = chat.connect();
    await carol.types('get / HTTP/1.1', 'GET this', 'register carol');
    expect(carol.screen().at(-1)).toBe(
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    );
  });

  test('does not keep somebody out whose first line was too long', async () => {
    const { chat } = await room();
    const bob = chat.connect();
    await bob.types('a'.repeat(5000), 'register bob');
    expect(bob.screen().at(-1)).toBe(
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    );
  });
});

describe('TLS on the plain port', () => {
  const HELLO = Uint8Array.of(
    0x16,
    0x03,
    0x01,
    0x02,
    0x00,
    0x01,
    0x00,
    0x01,
    0xfc,
    0x0a,
    0x03,
    0x0a,
    0xff,
    0xfd,
    0x01,
  );

  test('is logged as what it is, and closed without a word', async () => {
    const chat = await Chat.start();
    const client = chat.connect('198.51.100.7');
    client.sends(HELLO);
    client.sends('register mallory\n');
    await chat.wait(1000);
    expect(client.link.bytes).toHaveLength(0);
    expect(client.link.state).toBe('ended');
    expect(chat.logged).toEqual(['info TLS was spoken on a plain port {"address":"198.51.100.7"}']);
    expect(chat.hub.users.size).toBe(0);
    expect(chat.hub.counters.closed['tls-on-plain']).toBe(1);
  });

  test('is known by its first byte, and only by that', async () => {
    const chat = await Chat.start();
    const client = chat.connect();
    client.sends(HELLO.subarray(0, 1));
    await chat.settle();
    expect(client.link.state).toBe('ended');
    const bob = await chat.person('bob', 'ops');
    bob.sends(HELLO);
    await chat.settle();
    expect(bob.link.state).toBe('open');
  });
});

describe('closing', () => {
  test('an endless line is told its limit and closed, whatever follows', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    bob.sends('x'.repeat(70_000));
    bob.sends('\nhello\n');
    await chat.settle();
    expect(bob.screen().at(-1)).toBe('! line-endless: more than 65536 bytes came without a line end.');
    expect(bob.link.state).toBe('ended');
    expect(alice.screen()).toEqual(['* bob joined ops', '* bob left ops (sent too much)']);
  });

  test('what was said before an endless line is kept first, and what comes after is not run', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    await bob.types('/set echo on');
    bob.screen();
    bob.sends(`one\n${'x'.repeat(70_000)}\ntwo\n`);
    bob.sends('three\n');
    await chat.settle();
    expect(bob.screen()).toEqual([
      'bob (in ops): one',
      '! line-endless: more than 65536 bytes came without a line end.',
    ]);
    expect(alice.screen().slice(1)).toEqual(['bob (in ops): one', '* bob left ops (sent too much)']);
  });

  test('who floods is slowed, then told and closed', async () => {
    const chat = await Chat.start({ wire: { rate: { perSecond: 1, burst: 2 }, floodClose: 3000 } });
    const bob = chat.connect();
    bob.sends('register bob\n');
    bob.sends('who bob\n'.repeat(100));
    await chat.settle();
    expect(bob.link.paused).toBe(true);
    for (let second = 0; second < 8; second++) await chat.wait(1000);
    expect(bob.screen().at(-1)).toBe('! flooding: too many lines for too long (the rate is 1 a second).');
    expect(bob.link.state).toBe('ended');
  });

  test('who floods while the store does not answer is told once it does, and runs nothing more', async () => {
    const chat = await Chat.start({ wire: { rate: { perSecond: 1, burst: 3 }, floodClose: 3000 } });
    const bob = await chat.person('bob', 'ops');
    chat.backend.hold();
    for (let second = 0; second < 30; second++) {
      bob.sends('hello\n'.repeat(10));
      await chat.wait(1000);
    }
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => line.startsWith('!'))).toEqual([
      '! flooding: too many lines for too long (the rate is 1 a second).',
    ]);
    expect(bob.link.state).toBe('ended');
    expect(chat.hub.counters.messages.message).toBeLessThan(10);
  });

  test('a reader that does not read is told why at the last, and its rooms as well', async () => {
    const chat = await Chat.start({ wire: { outbox: { soft: 1e9, hard: 1000 } } });
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.link.room = 0;
    for (let i = 0; i < 20; i++) await bob.types('x'.repeat(100));
    expect(bob.screen().at(-2)).toBe('* alice left ops (was not reading)');
    expect(chat.hub.counters.closed['outbox-full']).toBe(1);
  });

  test('a link that breaks is told to the rooms as that', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    await alice.drops();
    expect(bob.screen()[0]).toMatch(/^\* alice left ops \(connection \w+\)$/);
    expect(chat.hub.users.size).toBe(1);
  });
});
