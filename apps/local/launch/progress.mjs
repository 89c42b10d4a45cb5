const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const REMINDER_MS = 15_000;

/** Shows what goes on: on a terminal a line that moves, with the time it has taken; elsewhere plain lines. */
export function createProgress(output = process.stdout, now = () => performance.now()) {
  // Whoever reads the output may leave (`npm start | head`); the stack then goes on, or stops in order, without it.
  output.on?.('error', () => undefined);
  const running = new Map();
  const moving = output.isTTY === true;
  let timer;
  let frame = 0;

  const seconds = (since) => `${((now() - since) / 1000).toFixed(1)} s`;
  const clear = () => moving && running.size > 0 && output.write('\r\x1b[2K');
  const draw = () => {
    if (!moving || running.size === 0) return;
    // Of several the one that says how far it is.
    const [title, { since, note }] = [...running].findLast(([, state]) => state.note !== '') ?? [...running][0];
    const more = running.size > 1 ? ` (and ${running.size - 1} more)` : '';
    const line = `${FRAMES[frame++ % FRAMES.length]} ${title} … ${seconds(since)}${more}${note && `  ${note}`}`;
    output.write(`\r\x1b[2K${line.slice(0, (output.columns || 80) - 1)}`);
  };
  const remind = () => {
    for (const [title, { since }] of running) output.write(`${title} … ${seconds(since)}\n`);
  };
  const watch = () => {
    if (running.size > 0) timer ??= setInterval(moving ? draw : remind, moving ? FRAME_MS : REMINDER_MS).unref();
    else {
      clearInterval(timer);
      timer = undefined;
    }
  };
  const say = (line) => {
    clear();
    output.write(`${line}\n`);
    draw();
  };

  return {
    say,
    async step(title, work) {
      const since = now();
      if (!moving) say(`${title} …`);
      const state = { since, note: '' };
      const note = (line) => {
        if (!moving) return say(`  ${line}`);
        state.note = line;
        draw();
      };
      running.set(title, state);
      watch();
      let mark = '✗';
      try {
        const result = await work(note);
        mark = '✓';
        return result;
      } finally {
        clear();
        running.delete(title);
        watch();
        say(
          moving
            ? `${mark} ${title} (${seconds(since)})`
            : `${title}: ${mark === '✓' ? 'done' : 'broken off'} after ${seconds(since)}`,
        );
      }
    },
  };
}
