import { describe, expect, test } from 'bun:test';
import { makeOperator } from '../../src/chat/credentials.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import { Chat } from '../helper/chat.ts';

async function made(chat: Chat, name: string, password: string): Promise<void> {
  const making = makeOperator(chat.hub, name, password);
  let refused: unknown = null;
  making.catch(error => {
    refused = error;
  });
  await chat.settle();
  if (refused) throw refused;
}

describe('an operator of the server', () => {
  test('is made with an account of their own', async () => {
    const chat = await Chat.start();
    await made(chat, 'root', 'a password');
    expect(await chat.backend.account(fold('root'))).toMatchObject({ name: 'root', operator: true });
    // The name is free to be signed in to.
    expect((await chat.connect().asks('login root a password')).join()).toContain('root');
    expect(chat.hub.sessions.size).toBe(1);
  });

  test('is made of an account that is there, with this password from now on', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', 'the old password');
    expect(await chat.backend.account(fold('alice'))).toMatchObject({ operator: false });
    await made(chat, 'Alice', 'the new password');
    expect(await chat.backend.account(fold('alice'))).toMatchObject({ name: 'alice', operator: true });
    await alice.drops();
    expect((await chat.connect().asks('login alice the old password')).join()).toContain('! wrong-password');
    expect((await chat.connect().asks('login alice the new password')).join()).not.toContain('!');
  });

  test('has a name that is one', async () => {
    const chat = await Chat.start();
    const refused = await made(chat, 'parley', 'a password').catch(error => error);
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).toMatchObject({ code: 'bad-name' });
  });
});
