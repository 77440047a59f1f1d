import { more } from '../i18n/more.en';

const words = { more };
export default words;
