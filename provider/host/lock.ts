import { Sh, sh } from "./sh.js";

const RUN_DIRECTORY = "/run/mooring";

/** The exit code of a script that waited for a lock in vain. */
export const LOCK_HELD = 75;

export function lockFile(lock: string): string {
  return `${RUN_DIRECTORY}/${lock}.lock`;
}

export const makeRunDirectory = sh`[ -d ${RUN_DIRECTORY} ] || mkdir -p ${RUN_DIRECTORY}`;

/** Takes a lock that nobody has, like {@link takeLock}; fails with {@link LOCK_HELD} where somebody has it. */
export function tryLock(descriptor: number, lock: string, who: string): Sh {
  const file = lockFile(lock);
  const [fd, held] = [new Sh(String(descriptor)), new Sh(String(LOCK_HELD))];
  return sh`{ exec ${fd}<>${file}; flock -n -E ${held} ${fd} && : > ${file} && echo ${who} >&${fd}; }`;
}

/** Waits for who has a lock alone, and keeps others from that in the rest of the subshell; shares it with its like. */
export function shareLock(descriptor: 8, lock: string): Sh {
  const fd = new Sh(String(descriptor));
  return sh`exec ${fd}<>${lockFile(lock)}
flock -s -w "\${lock_wait:-300}" ${fd} || { echo "another program holds ${lockFile(lock)}: $(cat ${lockFile(lock)})" >&2; exit 1; }`;
}

/**
 * Takes a lock in the rest of the (sub)shell, with whose end it ends. What stays running after it must close the
 * descriptor itself. The file says who has it, for those who wait; a script of steps sets `$lock_wait` and `$who`.
 */
export function takeLock(descriptor: 8 | 9, lock: string): Sh {
  const file = lockFile(lock);
  const [fd, held] = [new Sh(String(descriptor)), new Sh(String(LOCK_HELD))];
  return sh`${makeRunDirectory}
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
