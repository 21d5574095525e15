const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * The first name that one object of a JSON text holds twice, which JSON.parse passes over in silence: the last wins.
 * @param json text that JSON.parse accepts
 */
export function duplicateName(json: string): string | undefined {
  /** Names so far of every object that is open; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let nameIsNext = false;
  for (let at = 0; at < json.length; at++) {
    switch (json[at]) {
      case '{':
        open.push(new Set());
        nameIsNext = true;
        break;
      case '[':
        open.push(undefined);
        nameIsNext = false;
        break;
      case '}':
      case ']':
        open.pop();
        nameIsNext = false;
        break;
      case ',':
        nameIsNext = open.at(-1) !== undefined;
        break;
      case '"': {
        const begin = at++;
        let plain = true;
        for (; json.charCodeAt(at) !== QUOTE && at < json.length; at++) {
          if (json.charCodeAt(at) !== BACKSLASH) continue;
          plain = false;
          at++;
        }
        const names = open.at(-1);
        if (!nameIsNext || names === undefined) break;
        const name = plain ? json.slice(begin + 1, at) : (JSON.parse(json.slice(begin, at + 1)) as string);
        if (names.has(name)) return name;
        names.add(name);
        nameIsNext = false;
      }
    }
  }
  return undefined;
}
