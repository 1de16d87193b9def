/** Absolute path of the folder with index.html; it is there after `npm run build`. */
export declare const assetsDirectory: string;
