/** A position in a server's write-ahead log, in bytes since the system was initialised. Unsigned, 64 bits. */
export type Lsn = bigint;

const LOW_HALF = 0xffff_ffffn;
const LONG_PAGE_HEADER = 40n;
const PAGE_HEADER = 24n;

/**
 * Reads what PostgreSQL prints as `pg_lsn`: two halves of 32 bits as hexadecimal, `16/B374D848`.
 * @throws RangeError for any other text
 */
export function parseLsn(text: string): Lsn {
  const halves = text.length <= 17 ? /^([\da-f]{1,8})\/([\da-f]{1,8})$/i.exec(text) : null;
  if (halves === null) throw new RangeError('A position in the write-ahead log looks like 16/B374D848');
  return (BigInt(`0x${halves[1]}`) << 32n) | BigInt(`0x${halves[2]}`);
}

/** Prints a position as PostgreSQL does: upper case, no padding. */
export function formatLsn(lsn: Lsn): string {
  return `${(lsn >> 32n).toString(16)}/${(lsn & LOW_HALF).toString(16)}`.toUpperCase();
}

/**
 * Where the last record ends, of the insert position that a primary tells. The log is made of pages which begin with a
 * header: 40 bytes on the first page of a segment, 24 on every other. When the last record fills its page to the end,
 * `pg_current_wal_insert_lsn()` already points behind the next page's header, where the next record would begin, while
 * replay stops where the page begins. On an idle primary no follower would ever reach that position (`pg_switch_wal()`
 * shows it). No record can end right behind a header, so nothing is lost by going back over it. Sizes are in bytes, as
 * `wal_segment_size` and `wal_block_size` say.
 */
export function lastRecordEnd(lsn: Lsn, segmentSize: number, blockSize = 8192): Lsn {
  if (lsn % BigInt(segmentSize) === LONG_PAGE_HEADER) return lsn - LONG_PAGE_HEADER;
  if (lsn % BigInt(blockSize) === PAGE_HEADER) return lsn - PAGE_HEADER;
  return lsn;
}
