import { Sh, sh } from "./sh.js";

const RUN_DIRECTORY = "/run/mooring";

/** The exit code of a script that waited for a lock in vain. */
export const LOCK_HELD = 75;

export function lockFile(lock: string): string {
  return `${RUN_DIRECTORY}/${lock}.lock`;
}

/**
 * Takes a lock in the rest of the (sub)shell, with whose end it ends. What stays running after it must close the
 * descriptor itself. The file says who has it, for those who wait; a script of steps sets `$lock_wait` and `$who`.
 */
export function takeLock(descriptor: 8 | 9, lock: string): Sh {
  const file = lockFile(lock);
  const [fd, held] = [new Sh(String(descriptor)), new Sh(String(LOCK_HELD))];
  return sh`[ -d ${RUN_DIRECTORY} ] || mkdir -p ${RUN_DIRECTORY}
exec ${fd}<>${file}
flock -E ${held} -w "\${lock_wait:-300}" ${fd} || {
  code=$?
  holder=$(cat ${file})
  [ $code != ${held} ] || echo "another program holds ${file}: \${holder:-it left no name}, since $(date -r ${file} '+%F %T %Z')" >&2
  exit $code
}
: > ${file}
echo "\${who:-}" >&${fd}`;
}
