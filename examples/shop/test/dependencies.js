// Looks for known vulnerabilities in the packages of the artifact, offline: against advisories.json, which a team would refresh
// from https://osv.dev. Writes what osv-scanner would write, and exits as it does: 0 nothing found, 1 something, 128 no packages.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const advisories = JSON.parse(readFileSync('advisories.json', 'utf8'));
const installed = packagesIn('node_modules');
const packages = installed.map(({ name, version }) => {
  const vulnerabilities = advisories.filter((advisory) => concerns(advisory, { name, version }));
  const groups = vulnerabilities.map(({ id }) => ({ ids: [id], aliases: [id], max_severity: '' }));
  return { package: { name, version, ecosystem: 'npm' }, vulnerabilities, groups };
});
writeFileSync(
  'dependencies.json',
  JSON.stringify({ results: [{ source: { path: 'node_modules', type: 'artifact' }, packages }] }),
);
const found = packages.filter(({ vulnerabilities }) => vulnerabilities.length > 0);
console.log(`${packages.length} packages, ${advisories.length} advisories, ${found.length} of the packages vulnerable`);
process.exitCode = packages.length === 0 ? 128 : found.length > 0 ? 1 : 0;

function packagesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((inner) => `${name}/${inner}`) : [name],
    )
    .map((name) => join(folder, name, 'package.json'))
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
}

/** Whether a version lies between "introduced" and "fixed" of a range (OSV schema, "affected"). */
function concerns({ affected }, { name, version }) {
  return affected.some(
    (entry) =>
      entry.package.name === name &&
      entry.ranges.some(({ events }) => {
        const introduced = events.find((event) => event.introduced)?.introduced ?? '0';
        const fixed = events.find((event) => event.fixed)?.fixed;
        return compare(version, introduced) >= 0 && (fixed === undefined || compare(version, fixed) < 0);
      }),
  );
}

function compare(left, right) {
  const [a, b] = [left, right].map((text) => text.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0));
  for (let index = 0; index < 3; index++)
    if ((a[index] ?? 0) !== (b[index] ?? 0)) return (a[index] ?? 0) - (b[index] ?? 0);
  return 0;
}
