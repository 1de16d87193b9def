export { type ParseOptions, parseSiteFile } from './parse-site-file.js';
export { hashPassword, type PasswordErrorCode, passwordHashFault } from './password.js';
export { formatProblems, type SiteFileProblem } from './problem.js';
export { SITE_FILE_BYTES_MAX } from './yaml-source.js';
