import { render } from 'preact';
import { startAnswering } from './state/answers.js';
import { startComparing } from './state/compare.js';
import { choose, problem } from './state/model.js';
import { openFiles } from './state/open.js';
import { loadSetup } from './state/setup.js';
import { startWondering } from './state/whatIf.js';
import { S } from './strings.js';
import { Shell } from './views/shell.js';

render(<Shell />, document.getElementById('studio') as HTMLElement);
startAnswering();
startWondering();
startComparing();
// Files may be dropped anywhere.
addEventListener('dragover', (event) => event.preventDefault());
addEventListener('drop', (event) => {
  event.preventDefault();
  void openFiles([...(event.dataTransfer?.files ?? [])]);
});
try {
  const { models } = await loadSetup();
  if (models.length === 0) problem.value = S.model.none;
  else await choose(models[0].id);
} catch (error) {
  problem.value = (error as Error).message;
}
