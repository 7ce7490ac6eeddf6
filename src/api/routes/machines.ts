import { addMachineIn, disableMachineIn } from '../../engine/access/machines.ts';
import type { Machine } from '../../ports/access.ts';
import type { Transaction } from '../../ports/store.ts';
import { addMachine, disableMachine, listMachines, type MachineView } from '../contract/people.ts';
import { command, judgedBy, query, type Route } from '../route.ts';
import { across, ofMachine } from '../subject.ts';

export function machineRoutes(): readonly Route[] {
  return [
    judgedBy(
      across,
      query(listMachines, ({ store }, { visible }) =>
        store.transaction(async (tx) => {
          const machines: MachineView[] = [];
          for (const machine of await tx.machines.list())
            if (visible === 'every' || visible.includes(machine.project)) machines.push(await view(tx, machine));
          return { machines };
        }),
      ),
    ),
    command(addMachine, async (world, tx, { params, body, actor }) => {
      const project = (await tx.projects.byName(params.project!))!.id;
      return view(tx, await addMachineIn(world, tx, { ...body, project, actor }));
    }),
    judgedBy(
      ofMachine,
      command(disableMachine, async (world, tx, { params, actor }) =>
        view(tx, await disableMachineIn(world, tx, { name: params.machine, actor })),
      ),
    ),
  ];
}

async function view(tx: Transaction, machine: Machine): Promise<MachineView> {
  const { handle, project, issuer, audience, claims, createdAt, createdBy, disabledAt } = machine;
  return {
    name: handle.slice('machine:'.length),
    handle,
    project: (await tx.projects.get(project))!.name,
    issuer,
    audience,
    claims: { ...claims },
    createdAt,
    createdBy,
    disabledAt: disabledAt ?? null,
  };
}
