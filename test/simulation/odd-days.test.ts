import { days } from './days.js';

days(1);
