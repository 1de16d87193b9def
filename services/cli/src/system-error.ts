// What the operating system refuses, in words, without its calls and codes.

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  EISDIR: 'it is a directory, not a file',
  ENOTDIR: 'a part of that path is a file, not a directory',
  EEXIST: 'it is a file, not a directory',
  EACCES: 'this user may not',
  EPERM: 'this user may not',
  EROFS: 'the file system can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of this user is used up',
};

/** The system's code of an error (`ENOENT`), undefined where it has none. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/** Why the system would not: to come after a path and a colon. */
export function systemWords(error: unknown): string {
  const known = WORDS[systemCode(error) ?? ''];
  return known ?? (error instanceof Error ? error.message : String(error));
}
