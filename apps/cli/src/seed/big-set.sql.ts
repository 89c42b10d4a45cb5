const FIRST_NAMES =
  `Anna Ben Carla David Elena Felix Greta Hugo Ines Jonas Karin Leo Maria Nils Olga Paul Rosa Simon Tara
  Viktor Amara Chidi Fatima Hassan Mei Ravi Priya Kenji Yuki Lucía José Zoë André Søren Agnès Iván`.split(/\s+/);
const LAST_NAMES = `Adler Baker Castro Dupont Eriksen Fischer Garcia Hansen Ivanov Jensen Kowalski Larsen Martin Novak
  Olsen Petrov Quinn Rossi Schmidt Tanaka Usman Vogel Weber Xu Yamada Ziegler Okafor Nguyen Haddad Silva Moreau Bianchi
  Müller Núñez Lindström Kjær Dvořák Gülen Łukasik Bērziņš Strauß García Wójcik Peña`.split(/\s+/);
const TRADES = 'Foods Logistics Design Consulting Media Energy Textiles Robotics Travel Books Dental Solar'.split(' ');
const FORMS = ['Ltd', 'GmbH', '& Sons', 'Group', 'AB', 'Inc'];
const DOMAINS = ['example.com', 'example.net', 'example.org'];
const PURPOSES = 'Operations Payroll Savings Marketing Research Travel Reserve Projects Online Tax'.split(' ');
const REGIONS = 'North South East West Central Overseas'.split(' ');
/** Of twenty accounts. */
const STATUSES = [
  ...Array<string>(14).fill('active'),
  ...Array<string>(3).fill('inactive'),
  ...Array<string>(2).fill('pending'),
  'suspended',
];

/** Spreads consecutive numbers over 0 to 2^32 − 1 (Knuth's multiplicative hash), the same on every server. */
function spread(number: string): string {
  return `((${number})::bigint * 2654435761 % 4294967296)`;
}

/** One of the words; `step` makes choices from the same spread number independent of each other. */
function pick(words: readonly string[], step: number): string {
  return `(ARRAY[${words.map((word) => `'${word}'`).join(',')}])[1 + (h / ${step}) % ${words.length}]`;
}

const ASCII_ADDRESS = `translate(search_fold(first_name || '.' || last_name),
  'áäæçéèëğíłñņřóöøšßúüýžźēāł', 'aaaceeegilnnroooossuuyzzeal')`;

/**
 * Inserts customers $2 to $3 of $4, for organization $1, with $5 accounts each. A customer in four is a company; a row
 * in three was changed some time after it was created.
 */
export const INSERT_BATCH = `
WITH period AS (
  SELECT now() AT TIME ZONE 'UTC' - interval '730 days' AS beginning, now() AT TIME ZONE 'UTC' AS ending
), people AS (
  SELECT n, h, beginning + (ending - beginning) * ((n - 1) / $4::float8) AS created_at, ending,
    ${pick(FIRST_NAMES, 64)} AS first_name, ${pick(LAST_NAMES, 4096)} AS last_name,
    ${pick(TRADES, 512)} AS trade, ${pick(FORMS, 8192)} AS form, ${pick(DOMAINS, 1024)} AS domain
  FROM generate_series($2::int, $3::int) n, LATERAL (SELECT ${spread('n')}) s(h), period
), added AS (
  INSERT INTO customers (organization_id, name, email, created_at, updated_at)
  SELECT $1,
    CASE WHEN n % 4 = 0 THEN last_name || ' ' || trade || ' ' || form
      ELSE first_name || ' ' || chr(65 + (h / 32768 % 26)::int) || '. ' || last_name END,
    ${ASCII_ADDRESS} || '.' || n || '@' || domain,
    created_at,
    CASE WHEN n % 3 = 0 THEN created_at + (ending - created_at) * (h / 4294967296.0::float8) ELSE created_at END
  FROM people ORDER BY n
  RETURNING id
), numbered AS (
  SELECT id, $2 - 1 + row_number() OVER (ORDER BY id) AS n FROM added
)
INSERT INTO accounts (organization_id, customer_id, name, status, created_at, updated_at)
SELECT $1, id, ${pick(PURPOSES, 64)} || ' ' || ${pick(REGIONS, 4096)} || ' ' || 100 + h / 1024 % 900,
  ${pick(STATUSES, 16384)}, created_at,
  CASE WHEN a % 3 = 0 THEN created_at + (ending - created_at) * (h / 4294967296.0::float8) ELSE created_at END
FROM period, numbered, generate_series(1, $5::int) j,
  LATERAL (SELECT (n - 1) * $5 + j - 1) o(a),
  LATERAL (SELECT ${spread('a + 7')}, beginning + (ending - beginning) * (a / ($4::float8 * $5))) s(h, created_at)
ORDER BY id, j`;
