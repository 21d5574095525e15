import { effect, signal } from '@preact/signals';

/** Light, dark, or what the system says. */
export const theme = signal<'system' | 'light' | 'dark'>(stored());

function stored(): 'system' | 'light' | 'dark' {
  const found = localStorage.getItem('theme');
  return found === 'light' || found === 'dark' ? found : 'system';
}

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem('theme', theme.value);
});
