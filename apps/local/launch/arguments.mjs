import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

export const USAGE = `Usage: npm start -- [options]

  --port N        port of the API and the application (default 8080, or the next free one)
  --followers N   number of streaming followers, 0 to 8 (default 1; 0 tries the degraded mode)
  --data DIR      where databases and state are kept (default .tandem in the checkout)
  --fresh         delete the databases in DIR first
  --no-build      run what is built: neither install nor build anything
  --help          this text

With DATABASE_URL set no database is started; ANALYTICS_DB_URL then names the followers.
While it runs: npm run follower -- start|stop|status|drain|undrain [K], npm run primary -- start|stop|status`;

const DEFAULT_PORT = 8080;
const MOST_FOLLOWERS = 8;

/** Reads the words after `npm start --`. Throws an expected error, one line, for what it does not understand. */
export function parseArguments(words, environment = {}, directory = process.cwd()) {
  const { values } = understand(words);
  const asked = values.port ?? environment.PORT;
  return {
    port: asked ? readNumber('port', asked, 1, 65_535) : DEFAULT_PORT,
    portIsFixed: Boolean(asked),
    followers: values.followers === undefined ? 1 : readNumber('followers', values.followers, 0, MOST_FOLLOWERS),
    directory: resolve(directory, readDirectory(values.data)),
    fresh: values.fresh === true,
    build: values['no-build'] !== true,
    help: values.help === true,
  };
}

function understand(words) {
  try {
    return parseArgs({
      args: words,
      options: {
        port: { type: 'string', short: 'p' },
        followers: { type: 'string' },
        data: { type: 'string' },
        fresh: { type: 'boolean' },
        'no-build': { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw expected(`${error.message.split('. ')[0]}. \`npm start -- --help\` lists the options.`);
  }
}

function readNumber(name, text, least, most) {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw expected(`--${name} must be a whole number from ${least} to ${most}, not "${text}".`);
}

function readDirectory(text = '.tandem') {
  if (text.trim() === '') throw expected('--data must name a directory.');
  return text;
}

function expected(message) {
  return Object.assign(new Error(message), { expected: true });
}
