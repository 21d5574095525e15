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
