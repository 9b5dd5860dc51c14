// Which branches somebody folded or unfolded: kept for as long as the tab is open.

const nameOf = (user) => `treering-folds-${user}`;

/** The branches by their path: whether each is open. */
export function folded(user) {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(nameOf(user)) ?? "[]"));
  } catch {
    return new Map(); // nothing of ours is there
  }
}

/** Keeps them. */
export function keep(user, folds) {
  sessionStorage.setItem(nameOf(user), JSON.stringify([...folds]));
}
