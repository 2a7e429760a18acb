/** The version, from package.json; the build puts it into the binary. */
import { version } from '../package.json';

export const VERSION: string = version;
