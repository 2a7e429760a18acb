/** The JSON of accounts as operators of the server see them. */
import * as v from 'valibot';
import type { AccountView } from '../../chat/accounts.ts';
import { isoTime } from './answer.ts';
import { count, text, time, wholeNumber, yes } from './shapes.ts';

export const USERS_ASKED = v.object({
  after: v.optional(text('Begin behind this name.'), ''),
  limit: v.optional(wholeNumber(1, 1000, 'How many; 200 where it is not said.')),
});

export const USER = v.object({
  name: v.string(),
  operator: yes('May do what operators of the server may.'),
  connections: count('Of this name there are so many now.'),
  created: time('When it was made, in UTC.'),
  lastSeen: time('When it last signed in or out, in UTC.'),
});
export type UserJson = v.InferOutput<typeof USER>;

export const USERS = v.object({
  users: v.pipe(v.array(USER), v.description('In the order of their names.')),
  next: v.optional(text('Where the following page is; absent on the last one.')),
});

const PASSWORD = text('Of the new or changed account.');

export const NEW_USER = v.strictObject({ name: text('A name that nobody has.'), password: PASSWORD });
export const NEW_PASSWORD = v.strictObject({ password: PASSWORD });

export const PASSWORD_SET = v.object({
  name: v.string(),
  connections: count('That stay signed in with the password of before.'),
});

export const RIGHTS = v.strictObject({ on: yes('Whether it is to be an operator of the server.') });
export const RIGHTS_SET = v.object({ name: v.string(), operator: v.boolean() });

export const DELETED_USER = v.object({
  name: v.string(),
  closed: count('How many connections were closed.'),
});

export function userJson({ name, operator, connections, created, lastSeen }: AccountView): UserJson {
  return { name, operator, connections, created: isoTime(created), lastSeen: isoTime(lastSeen) };
}
