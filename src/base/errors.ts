/**
 * Something the user can mend: a bad file, a wrong argument, a missing dependency.
 * The message is a whole sentence that says what is wrong, where, and what to do; the command line prints it without
 * a stack trace. Any other error is a defect of this program.
 */
export class InputError extends Error {
  override name = 'InputError';
}

/** The command line was used wrongly (unknown option, missing argument): exit code 2 instead of 1. */
export class UsageError extends InputError {
  override name = 'UsageError';
}
