export type Lang = 'en' | 'zh';
export type ThemeChoice = 'auto' | 'light' | 'dark';

const LANG_KEY = 'lianfang.lang';
const THEME_KEY = 'lianfang.theme';
const SHORTCUTS_KEY = 'lianfang.shortcuts';
const OFF = 'off';

function storedLang(): Lang {
  const stored = localStorage.getItem(LANG_KEY);
  if (stored === 'en' || stored === 'zh') return stored;
  return navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}

function storedTheme(): ThemeChoice {
  const stored = localStorage.getItem(THEME_KEY);
  return stored === 'light' || stored === 'dark' ? stored : 'auto';
}

class Prefs {
  lang = $state<Lang>(storedLang());
  theme = $state<ThemeChoice>(storedTheme());
  /** Single letters as commands: whoever speaks to the computer, or types by accident, can turn them off. */
  shortcuts = $state(localStorage.getItem(SHORTCUTS_KEY) !== OFF);
  #systemDark = $state(false);
  #printing = $state(false);

  constructor() {
    this.#follow('(prefers-color-scheme: dark)', (matches) => (this.#systemDark = matches));
    this.#follow('print', (matches) => (this.#printing = matches));
  }

  /** What is really on the screen or the paper: paper is always light. */
  get dark(): boolean {
    if (this.#printing) return false;
    return this.theme === 'auto' ? this.#systemDark : this.theme === 'dark';
  }

  get printing(): boolean {
    return this.#printing;
  }

  setLang(lang: Lang): void {
    this.lang = lang;
    localStorage.setItem(LANG_KEY, lang);
    this.apply();
  }

  setTheme(theme: ThemeChoice): void {
    this.theme = theme;
    localStorage.setItem(THEME_KEY, theme);
    this.apply();
  }

  setShortcuts(on: boolean): void {
    this.shortcuts = on;
    if (on) localStorage.removeItem(SHORTCUTS_KEY);
    else localStorage.setItem(SHORTCUTS_KEY, OFF);
  }

  apply(): void {
    const root = document.documentElement;
    root.lang = this.lang === 'zh' ? 'zh-Hans' : 'en';
    root.dataset.theme = this.theme;
  }

  #follow(query: string, listener: (matches: boolean) => void): void {
    const media = matchMedia(query);
    listener(media.matches);
    media.addEventListener('change', (event) => listener(event.matches));
  }
}

export const prefs = new Prefs();
