/** How it failed: nothing reached it; no answer in time; the connection ended under the request; what it sent is no answer. */
export type Failing = 'unreachable' | 'late' | 'cut' | 'wrong';

export class InstanceFailed extends Error {
  override readonly name = 'InstanceFailed';
  readonly how: Failing;

  constructor(how: Failing, message: string) {
    super(message);
    this.how = how;
  }
}
