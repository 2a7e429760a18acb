import { refusal } from '../chat/errors.ts';
import { OPTION_HELP, OPTION_NAMES, type OptionName, type Options } from '../chat/options.ts';
import { rememberSettings } from '../chat/signin.ts';
import { command, type Page } from './row.ts';

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
    if (name !== undefined) {
      const option = OPTION_NAMES.find(each => each === name.toLowerCase());
      if (!option)
        throw refusal('bad-argument', `there is no option ${name}: ${OPTION_NAMES.join(', ')}`, USAGE);
      session.setOptions({ ...session.options, [option]: parse(value, session.options[option]) });
      if (session.user) rememberSettings(ctx.hub, session.user, session);
    }
    const { options } = session;
    ctx.show({ options }, page => sayOptions(options, page));
  },
});

/** Without a value, the option is turned over. */
function parse(value: string | undefined, now: boolean): boolean {
  if (value === undefined) return !now;
  if (value === 'on' || value === 'off') return value === 'on';
  throw refusal('bad-argument', `${value} is neither on nor off`, USAGE);
}

function sayOptions(options: Options, page: Page): void {
  const row = (name: OptionName): string[] => [name, options[name] ? 'on' : 'off', OPTION_HELP[name]];
  page.columns(OPTION_NAMES.map(row));
}
