// Exports two interfaces of one name, and functions of the world itself.

const first = { add: (number) => number + 1 };
const second = { add: (number) => number + 2, name: () => 'second' };

export { first as 'corners:first/tools@0.1.0', second as 'corners:second/tools@0.1.0' };

export function choose(outer, all) {
  if (all) return { tag: 'some', val: [outer.inner, ...outer.all] };
  return { tag: 'one', val: { inner: outer.inner, all: [] } };
}

export default function () {
  return 'default';
}

export function fail() {
  return missing.text; // an internal name that no client may read
}

export function refuse(reason) {
  throw reason;
}
