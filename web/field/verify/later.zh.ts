import { more } from '../i18n/more.zh';

const words = { more };
export default words;
