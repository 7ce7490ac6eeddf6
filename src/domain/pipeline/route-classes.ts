/**
 * Requests sorted by what they ask for, so that a release that gets other requests than the stable one is compared request by like
 * request. A pattern is a method or `*`, and a path: `GET /api/*`. A `*` stands for one part of the path, `/**` at the end for any rest.
 */

export interface RouteClass {
  readonly name: string;
  readonly match: readonly string[];
}

/** Of everything where nothing is told apart, and of what no pattern matches where something is. */
export const onlyClass = 'all';
export const otherClass = 'other';

const onePart = String.raw`(?:[^\s/?#*]+|\*)`;
const pattern = new RegExp(String.raw`^(?:\*|[A-Z]{1,20}) (?:/|(?:/${onePart})+/?|(?:/${onePart})*/\*\*)$`);

export function isRoutePattern(text: string): boolean {
  return text.length <= 200 && pattern.test(text);
}

/** The class of a request by method and target; the first class that matches. One expression for each class: asked for every request. */
export function classifierOf(classes: readonly RouteClass[]): (method: string, target: string) => string {
  const sorted = classes.map(({ name, match }) => ({
    name,
    is: new RegExp(`^(?:${match.map(source).join('|')})(?:\\?|$)`),
  }));
  return (method, target) => {
    const asked = `${method} ${target}`;
    for (const { name, is } of sorted) if (is.test(asked)) return name;
    return otherClass;
  };
}

/** Without two stars next to each other nothing is tried twice: the time grows with the length of the target only. */
function source(text: string): string {
  const [method = '', path = ''] = text.split(' ');
  const isOpen = path.endsWith('/**');
  const parts = (isOpen ? path.slice(0, -3) : path).split('/').map((part) => (part === '*' ? '[^/?]+' : escaped(part)));
  return `${method === '*' ? '[A-Z]+' : method} ${parts.join('/')}${isOpen ? '(?:/[^?]*)?' : ''}`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
