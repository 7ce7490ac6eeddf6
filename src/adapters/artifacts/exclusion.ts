/** Which paths an artifact leaves out. */
import { matchesGlob } from '../../domain/base/glob.ts';

/**
 * Globs match whole paths relative to the packed directory. `**` followed by `/` also stands for no directory at all, so that
 * `**` + `/x.log` finds `x.log`; a directory that matches, or whose whole content is named (`coverage/**`), is left out with all it holds.
 */
export function createExclusion(globs: readonly string[]): (path: string, isDirectory: boolean) => boolean {
  const files = globs.flatMap(variants);
  const directories = [
    ...files,
    ...files.filter((glob) => glob.endsWith('/**')).map((glob) => glob.slice(0, -'/**'.length)),
  ];
  return (path, isDirectory) => (isDirectory ? directories : files).some((glob) => matchesGlob(glob, path));
}

function variants(glob: string): readonly string[] {
  const plain = glob.replace(/^(?:\.\/)+/, '').replace(/\/+$/, '');
  const withoutMiddle = plain.replaceAll('/**/', '/');
  const both = [plain, withoutMiddle];
  return [...new Set([...both, ...both.map((one) => one.replace(/^(?:\*\*\/)+/, ''))])];
}
