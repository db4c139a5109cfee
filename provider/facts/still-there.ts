import { type Sh, sh } from "../host/sh.js";

/**
 * A tool that reads the files in "$@", less those that another program removed since they were listed: many volumes
 * that go at once take longer than the reading does. Everything else that it complains of is an error.
 */
export function ofThoseThere(tool: Sh): Sh {
  return sh`{
  { said=$(export LC_ALL=C; ${tool} 2>&1 >&3); code=$?; } 3>&1
  case $code$said in 0) ;; *)
    [ -n "$said" ] && ! printf '%s\n' "$said" | grep -qv ': No such file or directory$' || { printf '%s\n' "$said" >&2; exit 1; } ;;
  esac
}`;
}
