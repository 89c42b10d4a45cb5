const PLAIN_INTERVAL_MS = 5_000;

/** Tells how far something is: on a terminal the last line is kept up to date, elsewhere a line now and then. */
export class ProgressPrinter {
  private hasOpenLine = false;
  private lastLineAt = performance.now();

  constructor(private readonly stream: NodeJS.WriteStream) {}

  /** Says something that stays. */
  line(text: string): void {
    this.end();
    this.stream.write(`${text}\n`);
    this.lastLineAt = performance.now();
  }

  /** Says how far the thing of the last line is; the next call, or the next line, takes its place. */
  update(text: string): void {
    if (this.stream.isTTY) {
      this.stream.write(`\r\x1b[2K${text.slice(0, (this.stream.columns || 80) - 1)}`);
      this.hasOpenLine = true;
    } else if (performance.now() - this.lastLineAt >= PLAIN_INTERVAL_MS) {
      this.line(text);
    }
  }

  /** Clears what `update` left on a terminal. */
  end(): void {
    if (this.hasOpenLine) this.stream.write('\r\x1b[2K');
    this.hasOpenLine = false;
  }
}
