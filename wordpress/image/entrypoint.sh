#!/bin/sh
# Fills the document root where WordPress is missing, then serves the clone (or runs the command given).
# SPDX-License-Identifier: Apache-2.0
set -eu

root=/var/www/html
source=/usr/src/wordpress

# The last file copied is the one whose presence says "core is complete": a killed start is repeated,
# a core that somebody updated in the clone is left alone, and so is every file that is already there.
fill() {
    [ -e "$root/wp-includes/version.php" ] && return 0
    echo "wpclone: filling $root with WordPress" >&2
    set -- --exclude=wp-includes/version.php
    # Content that came from elsewhere is complete as it is: no themes or plugins of the image among it.
    if [ -n "$(ls -A "$root/wp-content/themes" 2>/dev/null)" ]; then
        set -- "$@" --exclude=wp-content
    fi
    # Not ".": the mode and time of a volume's own root folder may belong to somebody else.
    cd "$source"
    tar "$@" -cf - -- * | tar -C "$root" --skip-old-files --no-same-owner --no-same-permissions -xf -
    cd "$root"
    mkdir -p "$root/wp-content/uploads" "$root/wp-content/themes" "$root/wp-content/plugins"
    cp "$source/wp-includes/version.php" "$root/wp-includes/.version.php.part"
    mv "$root/wp-includes/.version.php.part" "$root/wp-includes/version.php"
}

fill
mkdir -p /var/lib/wpclone/mail
[ $# -eq 0 ] || exec "$@"

WPCLONE_LISTEN=${WPCLONE_LISTEN:-80}
WPCLONE_CLONE_UID=${WPCLONE_CLONE_UID:-}
export WPCLONE_LISTEN WPCLONE_CLONE_UID
# The values of the two gate cookies, as guard/gate.php computes them. Without a key: values nobody can know.
eval "$(wpclone-php -n -r '
    $key = getenv("WPCLONE_GATE_KEY") ?: bin2hex(random_bytes(32));
    foreach (["link", "login"] as $purpose) {
        printf("export WPCLONE_%s_TOKEN=%s\n", strtoupper($purpose),
            hash_hmac("sha256", "wpclone-$purpose:" . getenv("WPCLONE_CLONE_UID"), $key));
    }
    // 64 MB each, which a page of a big site takes, beside 128 MB for OPcache and the server itself.
    $limits = ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"];
    $limit = min([PHP_INT_MAX, ...array_filter(array_map(
        fn($file) => is_readable($file) ? (int) file_get_contents($file) : 0, $limits))]);
    printf("export WPCLONE_WORKERS=%d\n", max(4, min(16, intdiv($limit - (128 << 20), 64 << 20))));
    $url = parse_url(getenv("WPCLONE_TARGET_URL") ?: "");
    $host = preg_replace("/[^A-Za-z0-9.-]/", "", $url["host"] ?? "");
    $https = ($url["scheme"] ?? "") === "https";
    printf("export WPCLONE_SERVER_NAME=%s\n", $host === "" ? "localhost"
        : ($https ? "https" : "http") . "://$host:" . ($url["port"] ?? ($https ? 443 : 80)));
    $path = rtrim(preg_replace("~[^A-Za-z0-9._\~/-]|/(?=/)~", "", $url["path"] ?? ""), "/");
    printf("export WPCLONE_PATH=\"%s\" WPCLONE_PATH_PATTERN=\"%s\"\n", $path, str_replace(".", "[.]", $path));
')"
set -- -f /etc/wpclone/apache2.conf -DFOREGROUND
[ "$WPCLONE_SERVER_NAME" = localhost ] || set -- "$@" -DPublicAddress
[ -z "$WPCLONE_PATH" ] || set -- "$@" -DBelowPath
rm -f /tmp/apache2.pid
exec apache2 "$@"
