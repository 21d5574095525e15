/** Nested settings as `train --set` takes them: `key.key=value`, lists with commas. */
export function settingsOf(set: Record<string, unknown>, prefix = ''): string[] {
  return Object.entries(set).flatMap(([key, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? settingsOf(value as Record<string, unknown>, `${prefix}${key}.`)
      : [`${prefix}${key}=${Array.isArray(value) ? value.join(',') : value}`],
  );
}
