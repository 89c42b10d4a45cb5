import { Transform, type TransformCallback } from 'node:stream';

const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const COMMA = Buffer.from(',');

/**
 * Undoes COPY's escaping, byte by byte where there is any: the rows are JSON texts, which hold no control characters,
 * so a doubled backslash is the only escape that COPY makes of them.
 */
class CopyText {
  private owesBackslash = false;

  unescape(chunk: Buffer): Buffer {
    if (!this.owesBackslash && !chunk.includes(BACKSLASH)) return chunk;
    const out = Buffer.allocUnsafe(chunk.length + 1);
    let length = 0;
    for (const byte of chunk) {
      const isFirstOfPair = byte === BACKSLASH && !this.owesBackslash;
      this.owesBackslash = isFirstOfPair;
      if (!isFirstOfPair) out[length++] = byte;
    }
    return out.subarray(0, length);
  }
}

/** One object a line: COPY's lines with their escaping undone. */
export class NdjsonRows extends Transform {
  private readonly text = new CopyText();

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    done(null, this.text.unescape(chunk));
  }
}

/**
 * One JSON array of COPY's lines: their ends become commas. The closing bracket is written only at a proper end, so a
 * list that was cut off can't be taken for a whole one.
 */
export class JsonArrayRows extends Transform {
  private readonly text = new CopyText();
  private hasBegun = false;
  private owesComma = false;

  override _transform(chunk: Buffer, _encoding: string, done: TransformCallback): void {
    this.begin();
    const rows = Buffer.from(this.text.unescape(chunk));
    // Nothing of a row yet: the comma waits until there is one.
    if (rows.length === 0) {
      done();
      return;
    }
    if (this.owesComma) this.push(COMMA);
    this.owesComma = rows.at(-1) === NEWLINE;
    const end = this.owesComma ? rows.length - 1 : rows.length;
    for (let at = rows.indexOf(NEWLINE); at !== -1 && at < end; at = rows.indexOf(NEWLINE, at + 1)) {
      rows[at] = COMMA[0] ?? 0;
    }
    done(null, rows.subarray(0, end));
  }

  override _flush(done: TransformCallback): void {
    this.begin();
    done(null, ']');
  }

  private begin(): void {
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.push('[');
  }
}
