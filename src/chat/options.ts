/**
 * What a session can `set`. One row an option gives its words, its default and its help; an account's are
 * kept, a guest's last as long as the session.
 */

export interface Options {
  readonly time: boolean;
  readonly color: boolean;
  readonly echo: boolean;
  readonly notices: boolean;
  readonly prompt: boolean;
}

export type OptionName = keyof Options;

/** What each option does when it is on, in the words of `help set`. */
export const OPTION_HELP: Readonly<Record<OptionName, string>> = {
  time: 'show when each line was said',
  color: 'colour names and notices (ANSI)',
  echo: 'show your own lines back to you, with their times',
  notices: 'show who comes, goes, joins and leaves',
  prompt: 'show the current room as a prompt',
};

export const OPTION_NAMES = Object.keys(OPTION_HELP) as readonly OptionName[];

export const DEFAULT_OPTIONS: Options = {
  time: true,
  color: false,
  echo: false,
  notices: true,
  prompt: false,
};

/** Options out of stored settings: what is missing or of another shape is as `otherwise`. */
export function readOptions(stored: Readonly<Record<string, unknown>>, otherwise: Options): Options {
  const read = (name: OptionName): boolean => {
    const value = stored[name];
    return typeof value === 'boolean' ? value : otherwise[name];
  };
  return {
    time: read('time'),
    color: read('color'),
    echo: read('echo'),
    notices: read('notices'),
    prompt: read('prompt'),
  };
}
