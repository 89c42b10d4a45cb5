import { parseCommandLine, USAGE, UsageError } from './command-line.js';
import { describeFailure } from './failure-message.js';

try {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.command === 'help') console.log(USAGE);
  else await (await import('./commands/run-command.js')).runCommand(line.command, line.options);
} catch (error) {
  console.error(error instanceof UsageError ? `${error.message}\n\n${USAGE}` : await describeFailure(error));
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
