import { parseCommandLine, USAGE } from './command-line.js';
import { describeFailure } from './failure-message.js';
import { UsageError } from './usage-error.js';

try {
  const line = parseCommandLine(process.argv.slice(2));
  if (line.command === 'help') console.log(USAGE);
  else await (await import('./commands/run-command.js')).runCommand(line);
} catch (error) {
  const isUsage = error instanceof UsageError;
  console.error(isUsage ? [error.message, error.usage].filter(Boolean).join('\n\n') : await describeFailure(error));
  process.exitCode = isUsage ? 2 : 1;
}
