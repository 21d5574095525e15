/** Numbers people, within one conversation, in the order in which they first speak: 0, 1, … */
export function numberedWithin<Person>(speakers: readonly Person[]): number[] {
  const numbers = new Map<Person, number>();
  return speakers.map((person) => {
    const number = numbers.get(person) ?? numbers.size;
    numbers.set(person, number);
    return number;
  });
}
