/** `parley user`: accounts, looked after by the owner of the server. */
import type { InferOutput } from 'valibot';
import {
  DELETED_USER,
  PASSWORD_SET,
  RIGHTS_SET,
  USER,
  USERS,
  type UserJson,
} from '../http/api/user-shapes.ts';
import { type Desk, part } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted, json, minute, table } from './table.ts';

const list: Work = {
  onStore: 'there',
  run: async ({ flags }, desk, io) => {
    const users = await everyUser(desk);
    if (flags.has('json')) await io.print(json({ users }));
    else if (users.length === 0) io.say('there are no accounts. To make one: parley user add NAME');
    else await io.print(tableOf(users));
    return undefined;
  },
};

/** Page by page. */
async function everyUser(desk: Desk): Promise<readonly UserJson[]> {
  const users: UserJson[] = [];
  let next: string | undefined = '/api/users?limit=1000';
  while (next !== undefined) {
    const page: InferOutput<typeof USERS> = await desk.ask('GET', next, USERS);
    users.push(...page.users);
    next = page.next;
  }
  return users;
}

function tableOf(users: readonly UserJson[]): string {
  return table(
    ['name', 'operator', 'connections', 'created (UTC)', 'last seen (UTC)'],
    users.map(({ name, operator, connections, created, lastSeen }) => [
      name,
      operator ? 'yes' : '',
      connections,
      minute(created),
      minute(lastSeen),
    ]),
  );
}

const add: Work = {
  onStore: 'made',
  run: async ({ words: [name = ''] }, desk, io) => {
    const password = await io.secret(`Password for ${name}`);
    const user = await desk.ask('POST', '/api/users', USER, { name, password });
    io.say(`${user.name} is an account now`);
    return undefined;
  },
};

const passwd: Work = {
  onStore: 'there',
  run: async ({ words: [name = ''] }, desk, io) => {
    const password = await io.secret(`New password for ${name}`);
    const set = await desk.ask('PUT', `${pathOf(name)}/password`, PASSWORD_SET, { password });
    const stay =
      set.connections === 0
        ? ''
        : `. ${counted(set.connections, 'connection')} of it stay signed in; to end them: parley kick ${set.name}`;
    io.say(`the password of ${set.name} is changed${stay}`);
    return undefined;
  },
};

function rights(on: boolean): Work {
  return {
    onStore: 'there',
    run: async ({ words: [name = ''] }, desk, io) => {
      const set = await desk.ask('PUT', `${pathOf(name)}/operator`, RIGHTS_SET, { on });
      io.say(`${set.name} is ${on ? 'an operator of the server now' : 'no operator of the server'}`);
      return undefined;
    },
  };
}

const remove: Work = {
  onStore: 'there',
  run: async ({ words: [name = ''] }, desk, io) => {
    const gone = await desk.ask('DELETE', pathOf(name), DELETED_USER);
    const closed = gone.closed === 0 ? '' : `, ${counted(gone.closed, 'connection')} closed`;
    io.say(`the account ${gone.name} is deleted${closed}. What it said stays; its name is free`);
    return undefined;
  },
};

function pathOf(name: string): string {
  return `/api/users/${part(name)}`;
}

export const USER_WORK = { list, add, passwd, promote: rights(true), demote: rights(false), delete: remove };

export default operatorCommand('user', USER_WORK);
