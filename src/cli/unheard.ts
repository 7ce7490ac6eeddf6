/** Whoever reads what a command says may have read enough (`| head`), or be gone. */

/** As a shell tells of a program that SIGPIPE ended; Node is not ended by it. */
const unheard = 141;

let goesOn = false;

/** A command that only answers ends quietly when nobody reads on. */
export function endWhenUnheard(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!goesOn) process.exit(unheard);
    });
}

/** A control plane serves on, whoever has stopped to read what it says. */
export function goOnUnheard(): void {
  goesOn = true;
}
