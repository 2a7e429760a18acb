import { expect, test } from 'bun:test';
import { Refusal } from '../../src/chat/errors.ts';
import { createToken, revokeToken, type Secrets, type TokenWish } from '../../src/chat/tokens.ts';
import { systemSecrets } from '../../src/ops/secrets.ts';
import { Chat } from '../helper/chat.ts';

const ROOT = { name: 'root', address: '192.0.2.7' };
const WISH: TokenWish = { name: 'deploys', rooms: null, read: false, write: true };

/** Bytes that count up. */
const COUNTING: Secrets = {
  randomBytes: count => Uint8Array.from({ length: count }, (_, at) => at),
  sha256: text => `hash of ${text}`,
};

async function made(chat: Chat, wish: Partial<TokenWish> = {}, secrets = COUNTING) {
  const creating = createToken(chat.hub, ROOT, { ...WISH, ...wish }, secrets);
  creating.catch(() => {});
  await chat.settle();
  return await creating;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'done';
}

test('a token has an id, and a secret of 32 random bytes of which only the hash is kept', async () => {
  const chat = await Chat.start();
  const { token, secret } = await made(chat, { rooms: ['Ops', '#dev', 'OPS'] });
  expect(secret).toBe('parley_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8');
  expect(token).toEqual({
    id: 'abcdefgh',
    name: 'deploys',
    rooms: ['Ops', 'dev'],
    read: false,
    write: true,
    created: chat.clock.now(),
    lastUsed: null,
  });
  expect(await chat.backend.tokenOf(`hash of ${secret}`)).toEqual(token);
  expect(JSON.stringify(await chat.backend.tokens())).not.toContain('parley_');
});

test('no two are alike, and what is kept is the SHA-256 in hex', async () => {
  const chat = await Chat.start();
  const one = await made(chat, {}, systemSecrets);
  const other = await made(chat, {}, systemSecrets);
  for (const { secret, token } of [one, other]) {
    expect(secret).toMatch(/^parley_[A-Za-z0-9_-]{43}$/);
    expect(token.id).toMatch(/^[a-z0-9]{8}$/);
  }
  expect(one.secret).not.toBe(other.secret);
  expect(one.token.id).not.toBe(other.token.id);
  expect(systemSecrets.sha256('abc')).toBe(
    'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
  expect(await chat.backend.tokenOf(systemSecrets.sha256(one.secret))).toEqual(one.token);
});

test('what cannot be is refused, and nothing is made', async () => {
  const chat = await Chat.start();
  await (await chat.account('alice', 'correct horse')).drops();
  await chat.person('bob');
  const cases: readonly (readonly [Partial<TokenWish>, string])[] = [
    [{ name: '9lives' }, 'bad-name'],
    [{ name: 'parley' }, 'bad-name'],
    [{ name: 'Alice' }, 'token-name'],
    [{ name: 'BOB' }, 'name-taken'],
    [{ rooms: ['ops', 'no room'] }, 'bad-room'],
    [{ rooms: [] }, 'token-useless'],
    [{ read: false, write: false }, 'token-useless'],
  ];
  for (const [wish, code] of cases) expect(await codeOf(made(chat, wish)), code).toBe(code);
  chat.backend.failNext('store-full');
  expect(await codeOf(made(chat))).toBe('store-full');
  expect(await chat.backend.tokens()).toEqual([]);
});

test('nobody takes the name of a token while there is one', async () => {
  const chat = await Chat.start();
  const { token } = await made(chat);
  const guest = chat.connect();
  expect((await guest.asks('register Deploys')).join()).toContain('! name-of-token: ');
  const revoking = revokeToken(chat.hub, ROOT, token.id);
  await chat.settle();
  expect(await revoking).toEqual(token);
  expect((await guest.asks('register Deploys')).join()).not.toContain('name-owned');
});

test('taken back once, it is no more; what was done is logged, without the secret', async () => {
  const chat = await Chat.start();
  const { token, secret } = await made(chat);
  const revoking = revokeToken(chat.hub, ROOT, token.id);
  await chat.settle();
  expect(await revoking).toEqual(token);
  expect(await chat.backend.tokenOf(`hash of ${secret}`)).toBeNull();
  expect(await codeOf(revokeToken(chat.hub, ROOT, token.id))).toBe('no-such-token');
  const logged = chat.logged.join('\n');
  expect(logged).toContain('a token was made');
  expect(logged).toContain('a token was taken back');
  expect(logged).not.toContain(secret);
});
