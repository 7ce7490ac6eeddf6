/** The `liftlock` command. What a command does is loaded only when it is the one that was asked for. */
import { run } from './program.ts';

process.exitCode = await run(process.argv.slice(2));
