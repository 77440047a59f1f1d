/** What the routes of passes take and tell: `openapi.json`. */
import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type MyPass = Schemas['MyPass'];
export type Standing = Schemas['PassStanding'];
export type PassQr = Schemas['PassQr'];
export type Colour = Schemas['Colour'];
export type Source = Schemas['PassSource'];
export type Reason = Schemas['AppealReason'];
export type Appeal = Schemas['AppealShown'];
export type Member = Schemas['FamilyMember'];
export type CertificateAnswer = Schemas['CertificateAnswer'];
export type NewPass = Schemas['NewPass'];
export type PassAsked = Schemas['PassAsked'];
