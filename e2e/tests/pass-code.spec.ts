import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { inflateSync } from 'node:zlib';

import { Sign1 } from '@auth0/cose';
import { decode as base45 } from 'base45';
import { decode as cbor } from 'cbor-x';

import { read, Refused, verify } from '../../web/field/gate/passes/read';
import type { Key } from '../../web/field/gate/passes/trust';
import { loginOf } from '../support/demo';
import { issued, registered } from '../support/issued';
import { code, Issuer } from '../support/pass-codes';
import { csrf, expect, pageOf, test } from '../support/test';

/** Labels and keys of COSE (RFC 9052, 9053) and CWT (RFC 8392). */
const [ALG, KID] = [1, 4];
const ES256 = -7;
const [ISS, EXP, IAT, CTI] = ['1', '4', '6', '7'];
const SHOWN = '-70001';
const COLOURS = ['green', 'yellow', 'red'];

/** The bytes of the message in a code. */
const message = (text: string): Buffer => {
  expect(text.startsWith('LF1:')).toBe(true);
  return inflateSync(base45(text.slice(4)));
};

function keyOf({ public_key }: Key): KeyObject {
  const point = Buffer.from(public_key, 'base64url');
  expect([point.length, point[0]]).toEqual([65, 4]);
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString('base64url'));
  return createPublicKey({ key: { kty: 'EC', crv: 'P-256', x: x!, y: y! }, format: 'jwk' });
}

test('a pass that is issued here is verified by others’ libraries of COSE, CBOR and Base45', async ({
  browser,
}) => {
  const staff = await pageOf(browser, 'checkpoint_staff');
  const { code: own } = await registered(staff, loginOf('checkpoint_staff').area.code);
  const pass = await issued(staff, own);
  const keys = (await (await staff.request.get('/api/pass-keys')).json()) as Key[];

  const signed = Sign1.decode(message(pass.text));
  const kid = Buffer.from(signed.protectedHeaders.get(KID) as Uint8Array).toString('hex');
  const listed = keys.find((key) => key.kid === kid)!;
  expect(listed).toMatchObject({ own: true, algorithm: 'ES256' });
  expect(signed.protectedHeaders.get(ALG)).toBe(ES256);
  expect(signed.unprotectedHeaders.size).toBe(0);
  const digest = createHash('sha256').update(Buffer.from(listed.public_key, 'base64url')).digest('hex');
  expect(kid).toBe(digest.slice(0, 16));
  await signed.verify(keyOf(listed));

  const claims = cbor(signed.payload) as Record<string, unknown>;
  const seconds = (moment: string): number => Date.parse(moment) / 1000;
  expect(claims[ISS!]).toBe(listed.issuer);
  expect(claims[EXP!]).toBe(seconds(pass.expires_at));
  expect(claims[IAT!]).toBe(seconds(pass.issued_at));
  expect((claims[CTI!] as Uint8Array).length).toBe(16);
  const shown = claims[SHOWN] as Record<string, unknown>;
  expect(shown).toEqual({ 1: COLOURS.indexOf(pass.colour), 2: pass.name, 3: pass.digits });
  expect(Object.keys(claims).sort()).toEqual([ISS, EXP, IAT, CTI, SHOWN].sort());
});

test('the same library refuses it once a byte is altered, and under another key', async ({ browser }) => {
  const staff = await pageOf(browser, 'checkpoint_staff');
  const { code: own } = await registered(staff, loginOf('checkpoint_staff').area.code);
  const { text } = await issued(staff, own);
  const keys = (await (await staff.request.get('/api/pass-keys')).json()) as Key[];
  const whole = message(text);
  const signed = Sign1.decode(whole);
  const kid = Buffer.from(signed.protectedHeaders.get(KID) as Uint8Array).toString('hex');
  const key = keyOf(keys.find((each) => each.kid === kid)!);
  await signed.verify(key);

  const verifies = async (bytes: Uint8Array): Promise<boolean> => {
    try {
      await Sign1.decode(bytes).verify(key);
      return true;
    } catch {
      return false;
    }
  };
  const claims = whole.indexOf(Buffer.from(signed.payload));
  for (const at of [claims + 3, claims + signed.payload.length - 1, whole.length - 1, whole.length - 40]) {
    const altered = Buffer.from(whole);
    altered[at]! ^= 1;
    expect(await verifies(altered), `byte ${at}`).toBe(false);
    const sent = await staff.request.post('/api/scans', {
      headers: await csrf(staff),
      data: { code: code(altered), place: 'P1' },
    });
    expect(await sent.json()).toMatchObject({ result: 'refused', taken: false });
  }
  expect(await verifies(whole)).toBe(true);
});

/** Why the phone refuses a code; none where it does not. The server does not tell what is no pass from half of one. */
async function phoneSays(text: string, keys: Key[]): Promise<string | null> {
  try {
    await verify(await read(text), keys, Date.now() / 1000);
    return null;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.reason === 'not_a_pass' ? 'malformed' : error.reason;
  }
}

test('the phone and the server refuse the same codes for the same reasons', async ({ browser }) => {
  const staff = await pageOf(browser, 'checkpoint_staff');
  const { code: own } = await registered(staff, loginOf('checkpoint_staff').area.code);
  const { text } = await issued(staff, own);
  const keys = (await (await staff.request.get('/api/pass-keys')).json()) as Key[];
  const whole = message(text);
  const codes = [text, '', 'LF1:', 'LF1', 'HC1:ABC', text.slice(1), text.slice(0, -1), `${text}0`];
  codes.push(`LF1:${'%'.repeat(600)}`, `LF1:${'0'.repeat(1_021)}`, code(Buffer.alloc(1_024)));
  codes.push(code(Buffer.alloc(1_025)), code(Buffer.concat([whole, Buffer.alloc(1)])));
  codes.push(new Issuer('420100').pass());
  for (let at = 0; at < whole.length; at++) {
    for (const flipped of [1, 0x20, 0x80]) {
      const altered = Buffer.from(whole);
      altered[at]! ^= flipped;
      codes.push(code(altered));
    }
    codes.push(code(whole.subarray(0, at)));
  }
  for (let at = 4; at < text.length; at += 3) codes.push(`${text.slice(0, at)}A${text.slice(at + 1)}`);

  const scans = codes.map((each) => ({ code: each, place: 'P1' }));
  const sent = await staff.request.post('/api/scans/batch', { headers: await csrf(staff), data: { scans } });
  expect(sent.status(), await sent.text()).toBe(200);
  const { answers } = (await sent.json()) as { answers: { result: string; reason?: string }[] };
  const reasons = new Set<string | null>();
  for (const [nth, each] of codes.entries()) {
    const { result, reason } = answers[nth]!;
    const said = await phoneSays(each, keys);
    // Nobody knows the place; the pass itself holds.
    expect([nth, each, said]).toEqual([nth, each, result === 'no_visit' ? null : reason]);
    reasons.add(said);
  }
  expect([...reasons].sort()).toEqual(
    [null, 'bomb', 'forged', 'malformed', 'oversized', 'unknown_issuer', 'unknown_key'].sort(),
  );
});
