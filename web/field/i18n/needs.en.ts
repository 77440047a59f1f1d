export const needs = {
  kinds: {
    supplies: 'food and daily goods',
    medicine: 'medicine or a doctor',
    counselling: 'somebody to talk to',
    other: 'something else',
  } as Record<string, string>,
};

export type NeedWords = typeof needs;
