/** The three modalities, in the order of every file, table and concatenation. */
export const MODALITIES = ['text', 'audio', 'visual'] as const;
export type Modality = (typeof MODALITIES)[number];

/** The branches that classify: one a modality, and the fused one. */
export const BRANCHES = [...MODALITIES, 'fused'] as const;
export type Branch = (typeof BRANCHES)[number];

/** The modalities that have an entry, in the fixed order. */
export const modalitiesIn = (entries: Partial<Record<Modality, unknown>>): Modality[] =>
  MODALITIES.filter((m) => entries[m] !== undefined);

/** A name of a set of modalities, in the fixed order: "text,visual". */
export const presenceKey = (modalities: readonly Modality[]): string =>
  MODALITIES.filter((m) => modalities.includes(m)).join(',');
