/** What runs in the lab's MariaDB container. Of the official image's environment it knows the four variables used most. */

export const mariadbSettings = `[mariadbd]
user = mysql
datadir = /var/lib/mysql
socket = /run/mysqld/mysqld.sock
pid-file = /run/mysqld/mysqld.pid
bind-address = 0.0.0.0
skip-name-resolve
# Both are written in full before anything else is, which takes its time on an emulated network.
innodb-log-file-size = 16M
innodb-temp-data-file-path = ibtmp1:4M:autoextend
# The mount point of a volume's own file system has one, and MariaDB takes every folder for a database.
ignore-db-dirs = lost+found
`;

/** Where the image has it, from the root. */
const EMPTY_DATABASE = "/usr/share/mysql/empty-database.tar.gz";

/**
 * Shell text that makes it in the image's tree, with the tree's own programs: what `mariadb-install-db` does, which on an
 * emulated host takes three quarters of a minute, and whose files are the same everywhere (its `--cross-bootstrap`).
 */
export const makeEmptyDatabase = `(
set -e
root=$(pwd) share=usr/share/mysql
mkdir empty-database
{
  printf '%s\\n' 'CREATE DATABASE mysql;' 'USE mysql;' 'SET @auth_root_socket=NULL;'
  for part in system_tables performance_tables system_tables_data; do cat $share/mysql_$part.sql; done
  cat $share/maria_add_gis_sp_bootstrap.sql $share/mysql_sys_schema.sql
} > bootstrap.sql
lib/x86_64-linux-gnu/ld-linux-x86-64.so.2 --library-path "$root/lib/x86_64-linux-gnu:$root/usr/lib/x86_64-linux-gnu" \\
  usr/sbin/mariadbd --no-defaults --bootstrap --user=root --basedir="$root/usr" --datadir="$root/empty-database" \\
  --lc-messages-dir="$root/$share" --character-sets-dir="$root/$share/charsets" --innodb-log-file-size=16M \\
  --enforce-storage-engine= --max-allowed-packet=8M --net-buffer-length=16K < bootstrap.sql > bootstrap.log 2>&1 || {
  cat bootstrap.log >&2
  exit 1
}
tar -czf "$root${EMPTY_DATABASE}" --owner=999 --group=999 --numeric-owner -C empty-database .
rm -r empty-database bootstrap.sql bootstrap.log $share/*.sql
)`;

/**
 * An empty data directory is initialised; a `lost+found` does not count. It happens in a folder of its own, whose
 * contents are then moved into place: an interrupted initialisation goes on, and is never taken for a database.
 */
export const mariadbEntrypoint = `#!/bin/sh
set -eu

# An option given as the command means mariadbd with it, as in the official image.
case "\${1:-}" in -*) set -- mariadbd "$@" ;; esac
[ "$1" = mariadbd ] || exec "$@"

datadir=/var/lib/mysql
for argument in "$@"; do
  case $argument in --datadir=*) datadir=\${argument#--datadir=} ;; esac
done

sql_quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/\\\\\\\\/\\\\\\\\\\\\\\\\/g; s/'/''/g")"; }
sql_name() { printf '\`%s\`' "$(printf %s "$1" | sed 's/\`/\`\`/g')"; }

# Not echo, which takes a password's backslashes for its own.
sql() { printf '%s\\n' "$1"; }

first_sql() {
  # Of the accounts it came with, only root over the socket stays.
  sql "DELETE FROM mysql.global_priv WHERE Host <> 'localhost';"
  sql "DELETE FROM mysql.proxies_priv WHERE Host <> 'localhost';"
  # Without the privilege tables loaded, accounts can't be made.
  sql "FLUSH PRIVILEGES;"
  if [ -n "\${MARIADB_ROOT_PASSWORD:-}" ]; then
    password=$(sql_quoted "$MARIADB_ROOT_PASSWORD")
    sql "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD($password);"
    sql "CREATE USER root@'%' IDENTIFIED BY $password;"
    sql "GRANT ALL ON *.* TO root@'%' WITH GRANT OPTION;"
  fi
  if [ -n "\${MARIADB_DATABASE:-}" ]; then
    sql "CREATE DATABASE IF NOT EXISTS $(sql_name "$MARIADB_DATABASE");"
  fi
  if [ -n "\${MARIADB_USER:-}" ]; then
    sql "CREATE USER $(sql_quoted "$MARIADB_USER")@'%' IDENTIFIED BY $(sql_quoted "\${MARIADB_PASSWORD:-}");"
    if [ -n "\${MARIADB_DATABASE:-}" ]; then
      sql "GRANT ALL ON $(sql_name "$MARIADB_DATABASE").* TO $(sql_quoted "$MARIADB_USER")@'%';"
    fi
  fi
}

mkdir -p "$datadir" /run/mysqld
chown mysql:mysql /run/mysqld
new=$datadir/.mooring-initialising
if [ ! -d "$datadir/mysql" ]; then
  if [ ! -d "$new" ]; then
    for entry in "$datadir"/* "$datadir"/.[!.]*; do
      case $entry in */lost+found | *'/*' | *'/.[!.]*') continue ;; esac
      echo "$datadir holds files but no database: $entry" >&2
      exit 1
    done
  fi
  if [ ! -e "$new/complete" ]; then
    echo "initialising $datadir"
    rm -rf "$new"
    mkdir "$new"
    gunzip -c ${EMPTY_DATABASE} | tar -xf - -C "$new"
    chown mysql:mysql "$new"
    first_sql | mariadbd --datadir="$new" --bootstrap
    : > "$new/complete"
    sync
  fi
  for entry in "$new"/*; do
    case $entry in */mysql | */complete) ;; *) mv "$entry" "$datadir/" ;; esac
  done
  sync
  # Last: its presence says that everything else is there.
  mv "$new/mysql" "$datadir/mysql"
fi
rm -rf "$new"
find "$datadir" ! -user mysql ! -name lost+found -exec chown mysql:mysql {} +
exec "$@"
`;
