// Numbers with their nouns.

/** "1 claim", "2 claims"; `many` for nouns that do not just take an s. */
export function counted(count, one, many = `${one}s`) {
  return `${count.toLocaleString()} ${count === 1 ? one : many}`;
}
