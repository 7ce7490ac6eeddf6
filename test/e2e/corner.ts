/** The pipeline of the repository that the command line is tried on: shell commands as targets, so that it is quick. */
import { join } from 'node:path';

/** Environment `slow` deploys until the file `go` is in `scratch`, and at most for a minute. */
export function pipeline(scratch: string): string {
  const go = JSON.stringify(join(scratch, 'go'));
  return `version: 1
project: corner
source: { main: main, poll: 1s }
trust: { signatures: none, separation: none }
environments:
  - name: development
    kind: development
    verify: none
    target: { kind: command, deploy: "true" }
  - name: testing
    kind: testing
    after: [development]
    verify: { commands: [{ name: check, run: sh check.sh }] }
    rollback: manual
    target: { kind: command, deploy: "true" }
  - name: slow
    kind: qa
    after: [development]
    verify: none
    variables: { GO: ${go} }
    target:
      kind: command
      deploy: 'for i in $(seq 600); do test -e "$GO" && exit 0; sleep 0.1; done; exit 1'
  - name: production
    kind: production
    after: [testing]
    gates: [{ gate: approval, count: 1 }]
    trigger: { on: manual }
    verify: { commands: [{ name: check, run: sh check.sh }] }
    target: { kind: command, deploy: "true" }
`;
}
