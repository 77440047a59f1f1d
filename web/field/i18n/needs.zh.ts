import type { NeedWords } from './needs.en';

export const needs: NeedWords = {
  kinds: { supplies: '生活物资', medicine: '药品就医', counselling: '心理疏导', other: '其他' },
};
