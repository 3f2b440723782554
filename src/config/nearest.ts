// The nearest known word, under the name that the rooms of the configuration know it by.
export { editDistance, nearestWord } from '../base/nearest.js';
