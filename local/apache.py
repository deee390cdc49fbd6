# SPDX-License-Identifier: Apache-2.0
"""Renders the web server's configuration of sites on the outside host."""

from collections.abc import Sequence

# What Debian's own start script would set.
ENVIRONMENT = {
    "APACHE_RUN_USER": "www-data",
    "APACHE_RUN_GROUP": "www-data",
    "APACHE_PID_FILE": "/run/apache2/apache2.pid",
    "APACHE_RUN_DIR": "/run/apache2",
    "APACHE_LOCK_DIR": "/run/lock",
    "APACHE_LOG_DIR": "/var/log/apache2",
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C",
}


def site_config(name: str, hostnames: Sequence[str], document_root: str) -> str:
    """Return two virtual hosts for one site: HTTPS, and HTTP with the same content."""
    aliases = "".join(f"    ServerAlias {alias}\n" for alias in hostnames[1:])
    common = f"""\
    ServerName {hostnames[0]}
{aliases}    DocumentRoot {document_root}
    ErrorLog /var/log/apache2/{name}-error.log
    CustomLog /var/log/apache2/{name}-access.log combined
    <Directory {document_root}>
        Options FollowSymLinks
        AllowOverride All
        Require all granted
    </Directory>
"""
    return f"""\
<VirtualHost *:80>
{common}</VirtualHost>
<VirtualHost *:443>
{common}    SSLEngine on
    SSLCertificateFile /etc/ssl/sites/{name}.crt
    SSLCertificateKeyFile /etc/ssl/sites/{name}.key
</VirtualHost>
"""
