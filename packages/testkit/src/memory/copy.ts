/** Returns a deep copy of plain data: arrays, records and byte arrays, so that nobody holds what somebody else may change. */
export function copyOf<Value>(value: Value): Value {
  return copied(value) as Value;
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const list = new Array<unknown>(value.length);
    for (let index = 0; index < value.length; index += 1) list[index] = copied(value[index]);
    return list;
  }
  if (value instanceof Uint8Array) return new Uint8Array(value);
  const record = value as Readonly<Record<string, unknown>>;
  const copy: Record<string, unknown> = {};
  for (const key of Object.keys(record)) copy[key] = copied(record[key]);
  return copy;
}
