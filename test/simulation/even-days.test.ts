import { days } from './days.js';

days(0);
