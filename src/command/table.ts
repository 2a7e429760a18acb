/** Every command, in the order of the help. A new command is one file, one line here, and one test. */
import away from './away.ts';
import ban from './ban.ts';
import create from './create.ts';
import exit from './exit.ts';
import { helpCommand } from './help.ts';
import history from './history.ts';
import ignore from './ignore.ts';
import invite from './invite.ts';
import join from './join.ts';
import key from './key.ts';
import kick from './kick.ts';
import leave from './leave.ts';
import login from './login.ts';
import me from './me.ts';
import message from './message.ts';
import password from './password.ts';
import { deop, op, unvoice, voice } from './ranks.ts';
import register from './register.ts';
import rooms from './rooms.ts';
import { Commands } from './run.ts';
import search from './search.ts';
import set from './set.ts';
import { moderated, unlisted } from './switches.ts';
import topic from './topic.ts';
import unban from './unban.ts';
import users from './users.ts';
import who from './who.ts';

export const commands: Commands = new Commands([
  register,
  login,
  password,
  who,
  rooms,
  users,
  join,
  leave,
  create,
  message,
  history,
  search,
  topic,
  me,
  away,
  ignore,
  invite,
  kick,
  ban,
  unban,
  op,
  deop,
  voice,
  unvoice,
  key,
  moderated,
  unlisted,
  set,
  helpCommand(() => commands),
  exit,
]);
