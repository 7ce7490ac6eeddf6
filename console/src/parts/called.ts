/** Who did it, for people to read: everything that acts by itself is Liftlock. In the audit log each keeps its own name. */
export function called(actor: string): string {
  return actor.startsWith('system:') ? 'Liftlock' : actor;
}
