/** A table's entry by a name that a stranger chose: `constructor` and its like are no entries. */
export const ownValue = <V>(table: Readonly<Record<string, V>>, name: string | undefined): V | undefined =>
  name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
