/** The card with the tables between its marks. @param recorded what models/starter/scores.json holds. */
export function withTables(card: string, recorded: object): string;
