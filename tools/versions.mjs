/** The first `1.2.3` or `1.2` in a text, or undefined. */
export function versionIn(text) {
  return /\d+(\.\d+){1,2}/.exec(text)?.[0];
}

/** Envoy says its own path first, which may hold another version: `/opt/envoy-1.2/envoy  version: 9e55…/1.40.0/Clean/…` */
export function envoyVersionIn(text) {
  return /version: [^/]+\/(\d+\.\d+\.\d+)\//.exec(text)?.[1];
}

/** Negative, zero or positive, like a sort comparator; a part that is missing counts as zero. */
export function compareVersions(a, b) {
  const [left, right] = [a, b].map((version) => version.split(".").map(Number));
  const differing = [0, 1, 2].find((index) => (left[index] ?? 0) !== (right[index] ?? 0));
  return differing === undefined ? 0 : (left[differing] ?? 0) - (right[differing] ?? 0);
}

/** Any patch release of the pinned minor; `says` is how people read it. */
export function sameMinor(pinned) {
  const [major, minor] = pinned.split(".");
  return { says: `${major}.${minor}.x`, fits: (version) => version.startsWith(`${major}.${minor}.`) };
}

/** This version or a later one of the same major; `says` is how people read it. */
export function atLeast(lowest) {
  const [major] = lowest.split(".");
  const fits = (version) => version.startsWith(`${major}.`) && compareVersions(version, lowest) >= 0;
  return { says: `${lowest} or a later ${major}.x`, fits };
}
