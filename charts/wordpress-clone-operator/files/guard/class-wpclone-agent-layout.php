<?php
/**
 * Knows where this site keeps its files, and whether that is a layout we can copy.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Paths are bytes, relative to the folder that holds `wp-content`, with `/` between parts.
 */
final class WPClone_Agent_Layout {

	const CONTENT = 'wp-content';

	/**
	 * What keeps this site from being copied; empty if nothing does.
	 *
	 * @return string[]
	 */
	public static function problems(): array {
		global $wpdb;
		$problems = array();
		$content  = self::normal( WP_CONTENT_DIR );
		if ( self::CONTENT !== basename( $content ) ) {
			$problems[] = 'WP_CONTENT_DIR is not called wp-content';
		}
		if ( $content . '/plugins' !== self::normal( WP_PLUGIN_DIR ) ) {
			$problems[] = 'WP_PLUGIN_DIR is not wp-content/plugins';
		}
		if ( $content . '/mu-plugins' !== self::normal( WPMU_PLUGIN_DIR ) ) {
			$problems[] = 'WPMU_PLUGIN_DIR is not wp-content/mu-plugins';
		}
		$uploads = wp_get_upload_dir();
		if ( 0 !== strpos( self::normal( $uploads['basedir'] ) . '/', $content . '/' ) ) {
			$problems[] = 'the uploads folder is outside wp-content';
		}
		if ( $wpdb->users !== $wpdb->base_prefix . 'users' || $wpdb->usermeta !== $wpdb->base_prefix . 'usermeta' ) {
			$problems[] = 'users are kept in tables with another prefix';
		}
		return $problems;
	}

	/**
	 * Absolute path of a file of the site.
	 *
	 * @param string $path Relative path.
	 */
	public static function absolute( string $path ): string {
		if ( self::CONTENT === $path || 0 === strpos( $path, self::CONTENT . '/' ) ) {
			return self::normal( WP_CONTENT_DIR ) . substr( $path, strlen( self::CONTENT ) );
		}
		return self::root() . '/' . $path;
	}

	/**
	 * The folder that the site's home address shows. Where WordPress has a folder of its own, what lies between
	 * the two addresses lies between the two folders; `get_home_path()` knows that in wp-admin only.
	 */
	public static function root(): string {
		$root = self::normal( ABSPATH );
		$home = self::normal( (string) wp_parse_url( get_option( 'home' ), PHP_URL_PATH ) );
		$core = self::normal( (string) wp_parse_url( get_option( 'siteurl' ), PHP_URL_PATH ) );
		$own  = 0 === strpos( $core, $home . '/' ) ? substr( $core, strlen( $home ) ) : '';
		return '' !== $own && substr( $root, -strlen( $own ) ) === $own ? substr( $root, 0, -strlen( $own ) ) : $root;
	}

	/**
	 * Whether a path leads, through no odd link, to something of this site.
	 *
	 * @param string $path Relative path.
	 */
	public static function is_inside( string $path ): bool {
		$walked = '';
		foreach ( explode( '/', $path ) as $part ) {
			if ( '' === $part || '.' === $part || '..' === $part || false !== strpos( $part, "\0" ) ) {
				return false;
			}
			$walked = '' === $walked ? $part : $walked . '/' . $part;
			if ( is_link( self::absolute( $walked ) ) && ! self::may_follow( $walked ) ) {
				return false;
			}
		}
		return true;
	}

	/**
	 * Whether a symbolic link is followed: it stays inside the site, or it is one that hosts
	 * and deployments are known to make (a plugin, a theme, the uploads folder).
	 *
	 * @param string $path Relative path of the link.
	 */
	public static function may_follow( string $path ): bool {
		$target = self::real( self::absolute( $path ) );
		if ( null === $target || 0 === strpos( self::real( dirname( self::absolute( $path ) ) ) . '/', $target . '/' ) ) {
			return false; // It leads nowhere, or to a folder it is in: a loop.
		}
		$content = self::real( WP_CONTENT_DIR );
		if ( null !== $content && 0 === strpos( $target . '/', $content . '/' ) ) {
			return true;
		}
		return 1 === preg_match( '#^wp-content/((plugins|themes|mu-plugins)/)?[^/]+$#Ds', $path ) && is_dir( $target )
			&& 0 !== strpos( self::real( ABSPATH ) . '/', $target . '/' );
	}

	/**
	 * Where a path leads when every link is followed, or null; the root of the file system is ''.
	 *
	 * @param string $path Path.
	 */
	private static function real( string $path ): ?string {
		$target = realpath( $path );
		return false === $target ? null : self::normal( $target );
	}

	/**
	 * A path with forward slashes and none at its end.
	 *
	 * @param string $path Path.
	 */
	private static function normal( string $path ): string {
		return rtrim( str_replace( '\\', '/', $path ), '/' );
	}
}
