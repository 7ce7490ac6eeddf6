import { examineInstallation, examineProject as examine, type Examined } from '../../engine/views/examine.ts';
import { examineProject, examineServer } from '../contract/doctor.ts';
import { query, type Route } from '../route.ts';

export function doctorRoutes(parts: Examined): readonly Route[] {
  return [
    query(examineServer, async (world) => ({ findings: await examineInstallation(world, parts) })),
    query(examineProject, async (world, { params }) => ({ findings: await examine(world, params.project) })),
  ];
}
