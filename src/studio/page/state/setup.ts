import { signal } from '@preact/signals';

/** What the page can reach, as its server or its builder wrote it into studio.json. */
export interface Setup {
  /** Models by address of their files, and the names of those that opening takes; the first model is the default. */
  models: { id: string; title: string; address: string; files: string[] }[];
  /** Address of the sentence encoder's files; absent where the page has none. */
  words?: string;
  /** Whether the WebAssembly for graphics cards is there. */
  graphics: boolean;
  /** What the local server does beyond handing out files; absent in a static build. */
  server?: ServerSetup;
}

export interface ServerSetup {
  /** Token that its writing and computing routes ask for: another page cannot know it. */
  token: string;
  /** It reads recordings: POST v1/predict takes them. */
  media: boolean;
  /** It knows of training runs and experiments. */
  runs: boolean;
  /** A corpus whose labels may be corrected. */
  corpus?: { name: string };
}

export const setup = signal<Setup | undefined>(undefined);

export async function loadSetup(): Promise<Setup> {
  const response = await fetch('studio.json');
  if (!response.ok) throw new Error(`studio.json: ${response.status}`);
  setup.value = (await response.json()) as Setup;
  return setup.value;
}
