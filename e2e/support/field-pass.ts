/** Passes of the field server: nobody in them is real. */

type Colour = 'green' | 'yellow' | 'red';
type Text = { en: string; zh: string };

const NAMES: Record<Colour, Text> = {
  green: { en: 'green', zh: '绿码' },
  yellow: { en: 'yellow', zh: '黄码' },
  red: { en: 'red', zh: '红码' },
};
const DAY_MS = 86_400_000;
const day = (ahead: number): string => new Date(Date.now() + ahead * DAY_MS).toISOString().slice(0, 10);
/** As the server writes it: with the offset of its own clock. */
const moment = (ms: number): string =>
  new Date(Date.now() + ms + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00');

export const PASS_CODE = '01ARZ3NDEKTSV4RRFFQ69G5PAS.4XKQ7M2T';
export const CHILD_CODE = '01ARZ3NDEKTSV4RRFFQ69G5CHD.9WTR3B6F';
export const MARKS = '8HJ2KMNP';

interface Report {
  id: string;
  temperature?: number;
  symptoms: string[];
}

/** What the server knows of passes, and how far it has come with each. */
export class PassDesk {
  colour: Colour = 'green';
  state: 'waiting' | 'open' | 'ended' = 'open';
  validMs = 30 * 60_000;
  /** Every report that came in, each time it came. */
  readonly reports: { code: string; report: Report }[] = [];
  readonly asked: Record<string, unknown>[] = [];
  readonly appeals: { about: string; reason: string }[] = [];
  /** How often a pass was asked for to be shown. */
  shown = 0;

  get #told(): boolean {
    return new Set(this.reports.map(({ report }) => report.id)).size > 0;
  }

  #standing(colour: Colour): object {
    const green = colour === 'green';
    return {
      colour,
      colour_name: NAMES[colour],
      reason: green
        ? { en: 'Nothing is on record that asks for more.', zh: '无需限制的记录。' }
        : { en: 'Met a case 5 days ago.', zh: '5天前接触过病例。' },
      rule: green ? 'clear' : 'contact-recent',
      since: green ? null : day(-5),
      until: green ? null : day(9),
      clears: green
        ? { en: 'There is nothing to clear.', zh: '无需转码。' }
        : { en: '14 days after the contact, if nothing new happens.', zh: '接触满14天且无新情况。' },
      evidence: green
        ? []
        : [
            {
              source: 'contact',
              source_name: { en: 'contact', zh: '接触' },
              says: { en: 'close contact of a case', zh: '病例的密切接触者' },
              recorded_in: { code: '330381', name: '瑞安市', name_en: 'Rui’an', level: 'county' },
              recorded_at: moment(-5 * DAY_MS),
            },
          ],
      pack: 'covid19-cn-2020 3',
    };
  }

  #pass(code: string): object {
    const child = code === CHILD_CODE;
    const colour = child ? 'green' : this.colour;
    const open = child || this.state === 'open';
    return {
      state: child ? 'open' : this.state,
      name: child ? '王*' : '王**',
      area: { code: '330381001', name: '东门街道', name_en: 'East gate', level: 'township' },
      standing: open ? this.#standing(colour) : null,
      pass: open
        ? {
            text: `LF1:6BFOXN%TS3DH*70J.V5G4%1S$9F:3T*8OVZ1 W-KY0+T5CQ2A${code.slice(20, 26)}${this.shown}`,
            colour,
            colour_name: NAMES[colour],
            name: child ? '*安' : '*明',
            digits: child ? '1214' : '002X',
            issued_at: moment(0),
            expires_at: moment(this.validMs),
          }
        : null,
      reported_today: this.#told,
      healthy_reports: this.#told ? 4 : 3,
      family:
        child || !open
          ? []
          : [
              {
                code: CHILD_CODE,
                name: '王*',
                state: 'open',
                colour: 'green',
                colour_name: NAMES.green,
                reported_today: false,
              },
              ...this.asked
                .filter(({ guardian }) => guardian)
                .map(({ id }) => ({
                  code: `${String(id)}.${MARKS}`,
                  name: '李*',
                  state: 'waiting',
                  reported_today: false,
                })),
            ],
      appeals: this.appeals.map(({ about, reason }, at) => ({
        matter: `01ARZ3NDEKTSV4RRFFQ69G5M${String(at).padStart(2, '0')}`,
        title: `接触：未到过该地 · ${about}: ${reason}`,
        state_name: { en: 'open', zh: '待办' },
        over: false,
        at: moment(0),
        deadline: moment(2 * DAY_MS),
      })),
      today: day(0),
    };
  }

  answer(path: string, body: Record<string, unknown>): [number, unknown] {
    const code = String(body.code);
    if (path === '/api/pass/ask') {
      this.asked.push(body);
      if (!body.guardian) this.state = 'waiting';
      return [200, { code: `${String(body.id)}.${MARKS}`, confirmed: false }];
    }
    if (code.startsWith('00'))
      return [404, { code: 'not_found', message: { en: 'Not known.', zh: '未找到。' } }];
    if (path === '/api/pass') {
      if (body.show === true) this.shown += 1;
      return [200, this.#pass(code)];
    }
    if (path === '/api/pass/report') {
      this.reports.push({ code, report: body.report as Report });
      return [204, {}];
    }
    if (path === '/api/pass/appeal') {
      this.appeals.push(body.appeal as { about: string; reason: string });
      return [200, { matter: '01ARZ3NDEKTSV4RRFFQ69G5M00' }];
    }
    if (path === '/api/pass/certificate') {
      const taken = String(body.hcert).endsWith('GOOD');
      const message = taken
        ? { en: 'A vaccination of 2 May 2021 is on record now.', zh: '已登记2021年5月2日的接种。' }
        : { en: 'Its signature is not right.', zh: '签名无效。' };
      return [200, { taken, message }];
    }
    if (path === '/api/pass/end') {
      this.state = 'ended';
      return [204, {}];
    }
    return [404, { code: 'not_found' }];
  }
}
