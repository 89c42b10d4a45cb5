/** The pieces in which a file is kept. */
export const CHUNK_BYTES = 262_144;

/** Makes pieces of one size, but for the last one, of whatever comes; holds one piece at most. */
export async function* fileChunks(source: AsyncIterable<Buffer>, size = CHUNK_BYTES): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const bytes of source) {
    let rest = bytes;
    while (length + rest.length >= size) {
      const taken = rest.subarray(0, size - length);
      yield Buffer.concat([...parts, taken]);
      rest = rest.subarray(taken.length);
      parts = [];
      length = 0;
    }
    if (rest.length === 0) continue;
    parts.push(rest);
    length += rest.length;
  }
  if (length > 0) yield Buffer.concat(parts);
}
