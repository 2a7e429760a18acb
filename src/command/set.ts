import { refusal } from '../chat/errors.ts';
import { OPTION_HELP, OPTION_NAMES, type OptionName } from '../chat/options.ts';
import { rememberSettings } from '../chat/signin.ts';
import { command } from './row.ts';
import { onOff } from './say.ts';

const USAGE = 'set <option> on|off';

export default command({
  verb: 'set',
  args: '[option] [on|off]',
  summary: 'change how parley shows things; alone: how it does now',
  details: [
    ...OPTION_NAMES.map(name => `set ${name.padEnd(8)} ${OPTION_HELP[name]}`),
    'An account keeps them.',
  ],
  need: 'any',
  run: (ctx, [name, value]) => {
    const { session } = ctx;
    const names = name === undefined ? OPTION_NAMES : [optionNamed(name)];
    if (value !== undefined) {
      const on = onOff(value, USAGE);
      session.setOptions({ ...session.options, ...Object.fromEntries(names.map(each => [each, on])) });
      if (session.user) rememberSettings(ctx.hub, session.user, session);
    }
    const { options } = session;
    ctx.show({ options }, page => {
      page.columns(names.map(each => [each, options[each] ? 'on' : 'off', OPTION_HELP[each]]));
      if (name === undefined) page.notice(`To change one: /${USAGE}`);
    });
  },
});

function optionNamed(name: string): OptionName {
  const option = OPTION_NAMES.find(each => each === name.toLowerCase());
  if (!option)
    throw refusal('bad-argument', `there is no option ${name}, only ${OPTION_NAMES.join(', ')}`, USAGE);
  return option;
}
