/** What Trellis stands on, and early versions of Node 24 (the only one on npm for Apple silicon) call experimental. */
const relied = /^(?:Type Stripping|SQLite|process\.execve) is an experimental feature/;

/** Keeps those announcements off the terminal, where nobody could do anything about them. Other warnings are shown. */
export function quietExperiments() {
  const emit = process.emitWarning;
  process.emitWarning = (warning, ...rest) => {
    if (!relied.test(String(warning))) emit.call(process, warning, ...rest);
  };
}
