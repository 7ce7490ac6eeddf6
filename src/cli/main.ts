/** The `liftlock` command. What a command does is loaded only when it is the one that was asked for. */
import { run } from './run.ts';
import { endWhenUnheard } from './unheard.ts';

// Who runs this command can do nothing about what our dependencies will have to change.
process.noDeprecation = true;

endWhenUnheard();
process.exitCode = await run(process.argv.slice(2));
