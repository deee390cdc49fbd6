<?php
/**
 * Says which files belong to a copy, and why the others do not.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Caches, backups, other tools' archives, logs, version control and this plugin stay behind.
 */
final class WPClone_Agent_Scope {

	// Relative to wp-content.
	const FOLDERS = array(
		'cache'                        => 'cache',
		'et-cache'                     => 'cache',
		'litespeed'                    => 'cache',
		'wphb-cache'                   => 'cache',
		'uploads/cache'                => 'cache',
		'uploads/bb-plugin/cache'      => 'cache',
		'upgrade'                      => 'left over from updates',
		'upgrade-temp-backup'          => 'left over from updates',
		'wflogs'                       => 'logs',
		'uploads/wc-logs'              => 'logs',
		'uploads/wc-blocks-logs'       => 'logs',
		'ai1wm-backups'                => 'backups',
		'backup'                       => 'backups',
		'backups'                      => 'backups',
		'backup-db'                    => 'backups',
		'backup-guard'                 => 'backups',
		'backups-dup-lite'             => 'backups',
		'backups-dup-pro'              => 'backups',
		'updraft'                      => 'backups',
		'wpvividbackups'               => 'backups',
		'uploads/ai1wm-backups'        => 'backups',
		'uploads/backup-guard'         => 'backups',
		'uploads/backupbuddy_backups'  => 'backups',
		'uploads/backupbuddy_temp'     => 'backups',
		'uploads/backwpup'             => 'backups',
		'uploads/snapshots'            => 'backups',
		'uploads/updraft'              => 'backups',
		'uploads/wp-clone'             => 'backups',
		'uploads/wp-migrate-db'        => 'backups',
		'uploads/wp-staging'           => 'backups',
		'uploads/wpvividbackups'       => 'backups',
		'plugins/ai1wm-backups'        => 'backups',
		'plugins/all-in-one-wp-migration/storage' => 'backups',
	);

	const DROP_INS = array( 'advanced-cache.php', 'object-cache.php', 'db.php', 'sunrise.php' );

	const ROOT_FILES = '/^(robots\.txt|ads\.txt|app-ads\.txt|humans\.txt|favicon\.ico|BingSiteAuth\.xml|google[0-9a-f]{16}\.html|yandex_[0-9a-f]{16}\.html|pinterest-[0-9a-z]{5}\.html)$/D';

	/**
	 * Whether a path is this plugin's own folder, which nobody misses in a copy.
	 *
	 * @param string $path Relative path.
	 */
	public static function is_own( string $path ): bool {
		return WPClone_Agent_Layout::CONTENT . '/plugins/' . dirname( plugin_basename( WPCLONE_AGENT_FILE ) ) === $path;
	}

	/**
	 * Why something inside wp-content is left out, or null if it is copied.
	 *
	 * @param string $path Relative path, beginning with `wp-content/`.
	 */
	public static function reason( string $path ): ?string {
		$inner = substr( $path, strlen( WPClone_Agent_Layout::CONTENT ) + 1 );
		$name  = strtolower( basename( $inner ) );
		if ( isset( self::FOLDERS[ $inner ] ) ) {
			return self::FOLDERS[ $inner ];
		}
		if ( in_array( $inner, self::DROP_INS, true ) ) {
			return 'drop-in that points to services of the source';
		}
		if ( 1 === preg_match( '/^\.(git|svn|hg|bzr)$/D', $name ) ) {
			return 'version control';
		}
		if ( 1 === preg_match( '/(^|[._-])(debug|error)[._-]?log$|\.log(\.[0-9]+)?$/D', $name ) ) {
			return 'log';
		}
		if ( self::is_archive( $inner, $name ) ) {
			return 'backups';
		}
		return 1 === preg_match( '#^uploads/(backwpup-[^/]+|wpallbackup[^/]*)$#D', $inner ) ? 'backups' : null;
	}

	/**
	 * Whether a file that a request names may be read: it and every folder above it is copied.
	 *
	 * @param string $path Relative path, not trusted.
	 */
	public static function allows( string $path ): bool {
		if ( 1 === preg_match( self::ROOT_FILES, $path ) ) {
			return WPClone_Agent_Layout::is_inside( $path );
		}
		if ( 0 !== strpos( $path, WPClone_Agent_Layout::CONTENT . '/' ) || ! WPClone_Agent_Layout::is_inside( $path ) ) {
			return false;
		}
		$walked = WPClone_Agent_Layout::CONTENT;
		foreach ( explode( '/', substr( $path, strlen( $walked ) + 1 ) ) as $part ) {
			$walked .= '/' . $part;
			if ( self::is_own( $walked ) || null !== self::reason( $walked ) ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Whether a file is an archive that a backup tool made.
	 *
	 * @param string $inner Path relative to wp-content.
	 * @param string $name  Its last part in lower case.
	 */
	private static function is_archive( string $inner, string $name ): bool {
		if ( 1 === preg_match( '/\.(wpress|daf|jpa)$|^backup_.*\.(zip|gz|sql)$|\.sql(\.gz|\.bz2|\.zip)?$/D', $name ) ) {
			return 1 !== preg_match( '#^(plugins|themes|mu-plugins)/#', $inner );
		}
		return false === strpos( $inner, '/' ) && 1 === preg_match( '/\.(zip|tar|gz|tgz|bz2|7z|rar)$/D', $name );
	}
}
