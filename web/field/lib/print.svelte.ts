const KEY = 'lianfang.print';

/** Large print, on demand and remembered. */
class Print {
  large = $state(localStorage.getItem(KEY) === 'large');

  toggle(): void {
    this.large = !this.large;
    if (this.large) localStorage.setItem(KEY, 'large');
    else localStorage.removeItem(KEY);
    this.apply();
  }

  apply(): void {
    document.documentElement.classList.toggle('large-print', this.large);
  }
}

export const print = new Print();
