/** The three modalities, in the order of every file, table and concatenation. */
export const MODALITIES = ['text', 'audio', 'visual'] as const;
export type Modality = (typeof MODALITIES)[number];

/** The branches that classify: one a modality, and the fused one. */
export const BRANCHES = [...MODALITIES, 'fused'] as const;
export type Branch = (typeof BRANCHES)[number];

/** The modalities that have an entry, in the fixed order. */
export const modalitiesIn = (entries: Partial<Record<Modality, unknown>>): Modality[] =>
  MODALITIES.filter((m) => entries[m] !== undefined);

/**
 * A name of what an utterance has, and, where that is less, of what was had in its conversation until then: "text",
 * "text of text,visual". @param had by the utterance or those before it.
 */
export function presenceKey(own: readonly Modality[], had: readonly Modality[]): string {
  const name = (all: readonly Modality[]) => MODALITIES.filter((m) => all.includes(m)).join(',');
  return name(own) === name(had) ? name(own) : `${name(own)} of ${name(had)}`;
}

/**
 * The temperature of what an utterance has, in a conversation that had so much until then: that of just these; where none
 * was fitted, the largest of those that have the same in other conversations; else the one of all.
 */
export function temperatureOf(
  { temperature, temperatures = {} }: { temperature: number; temperatures?: Readonly<Record<string, number>> },
  own: readonly Modality[],
  had: readonly Modality[],
): number {
  const exact = temperatures[presenceKey(own, had)];
  if (exact !== undefined) return exact;
  const alike = presenceKey(own, own);
  const others = Object.entries(temperatures).flatMap(([key, value]) =>
    key.split(' of ')[0] === alike ? [value] : [],
  );
  return others.length > 0 ? Math.max(...others) : temperature;
}
