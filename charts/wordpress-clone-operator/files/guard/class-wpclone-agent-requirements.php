<?php
/**
 * Knows which PHP extensions the active plugins and the theme say they cannot do without.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * WordPress has no header for extensions; Composer has two places: `require` in composer.json, and the platform
 * check that its autoloader runs before anything else of the plugin.
 */
final class WPClone_Agent_Requirements {

	const MOST_BYTES = 262144;
	const MOST       = 64;

	/**
	 * Names of extensions in lower case, each with who needs it. Those that are not loaded here are left out: the site
	 * runs without them.
	 *
	 * @param string[] $plugins Active plugins, as WordPress names them.
	 * @return array<string,string>
	 */
	public static function of( array $plugins ): array {
		$needed = array();
		foreach ( self::folders( $plugins ) as $name => $folder ) {
			foreach ( array_merge( self::declared( $folder ), self::checked( $folder ) ) as $extension ) {
				if ( extension_loaded( $extension ) && count( $needed ) < self::MOST ) {
					$needed += array( $extension => $name );
				}
			}
		}
		ksort( $needed );
		return $needed;
	}

	/**
	 * The folders of plugins and themes in use, by their names.
	 *
	 * @param string[] $plugins Active plugins.
	 * @return array<string,string>
	 */
	private static function folders( array $plugins ): array {
		$folders = array();
		foreach ( array( get_template(), get_stylesheet() ) as $theme ) {
			$folders[ $theme ] = get_theme_root( $theme ) . '/' . $theme;
		}
		foreach ( $plugins as $file ) {
			$name = dirname( $file );
			if ( '.' !== $name ) {
				$folders[ $name ] = WP_PLUGIN_DIR . '/' . $name;
			}
		}
		return $folders;
	}

	/**
	 * What composer.json requires.
	 *
	 * @param string $folder Folder of a plugin or theme.
	 * @return string[]
	 */
	private static function declared( string $folder ): array {
		$told  = json_decode( self::contents( $folder . '/composer.json' ), true );
		$named = is_array( $told ) && is_array( $told['require'] ?? null ) ? $told['require'] : array();
		$found = array();
		foreach ( array_keys( $named ) as $package ) {
			if ( 1 === preg_match( '/^ext-([a-z0-9_-]{1,32})$/Di', (string) $package, $match ) ) {
				$found[] = str_replace( '-', '_', strtolower( $match[1] ) );
			}
		}
		return $found;
	}

	/**
	 * What the autoloader's platform check asks for.
	 *
	 * @param string $folder Folder of a plugin or theme.
	 * @return string[]
	 */
	private static function checked( string $folder ): array {
		$code = self::contents( $folder . '/vendor/composer/platform_check.php' );
		preg_match_all( '/extension_loaded\(\s*[\'"]([a-z0-9_ -]{1,32})[\'"]\s*\)/i', $code, $matches );
		return array_map( 'strtolower', $matches[1] );
	}

	/**
	 * A small file's contents; nothing where there is none.
	 *
	 * @param string $path Path.
	 */
	private static function contents( string $path ): string {
		return is_file( $path ) && is_readable( $path ) ? (string) file_get_contents( $path, false, null, 0, self::MOST_BYTES ) : '';
	}
}
