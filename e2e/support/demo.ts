/** What the demo said of itself when it was ready. */
export interface Login {
  login: string;
  password: string;
  role: string;
  name: string;
  area: { code: string; name: string; name_en?: string | null };
}

interface Demo {
  address: string;
  logins: Login[];
}

export function demo(): Demo {
  const said = process.env.LIANFANG_DEMO;
  if (said === undefined) throw new Error('the demo has not been started');
  return JSON.parse(said) as Demo;
}

/** Where its data are, for the command line. */
export function demoData(): string {
  const folder = process.env.LIANFANG_DEMO_DATA;
  if (folder === undefined) throw new Error('the demo has not been started');
  return folder;
}

export function loginOf(role: string): Login {
  const found = demo().logins.find((login) => login.role === role);
  if (!found) throw new Error(`the demo has no ${role}`);
  return found;
}
