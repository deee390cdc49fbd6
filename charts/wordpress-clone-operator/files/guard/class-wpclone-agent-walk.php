<?php
/**
 * Walks the site's folders in a fixed order, so that a walk can go on where another one stopped.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * What a page needs first comes first; uploads come last.
 */
final class WPClone_Agent_Walk {

	const AREAS = array( 'wp-content/plugins', 'wp-content/themes', 'wp-content/mu-plugins', 'wp-content/languages', 'wp-content', '', 'wp-content/uploads' );

	// Deeper folders exist only by accident (a backup inside a backup, a link that loops).
	const DEEPEST = 40;

	// Names of one folder held at a time: some shops have half a million pictures in one, and 64 MB for PHP.
	const MOST_NAMES = 10000;

	/**
	 * Yields `[ path, size, mtime ]` for files and `[ path, reason ]` for what is left out.
	 *
	 * @param int    $area  Where to begin.
	 * @param string $after Path of that area after which to begin, or ''.
	 * @return Generator<int,array>
	 */
	public static function from( int $area, string $after ): Generator {
		$count = count( self::AREAS );
		for ( ; $area < $count; $area++ ) {
			$folder = self::AREAS[ $area ];
			$parts  = '' === $after ? array() : explode( '/', '' === $folder ? $after : substr( $after, strlen( $folder ) + 1 ) );
			$after  = '';
			foreach ( self::folder( $folder, $parts, $area, 0 ) as $entry ) {
				yield $area => $entry;
			}
		}
	}

	/**
	 * Walks one folder.
	 *
	 * @param string   $folder Relative path.
	 * @param string[] $after  Path below it after which to begin.
	 * @param int      $area   The area walked.
	 * @param int      $depth  Folders above it.
	 * @return Generator<int,array>
	 */
	private static function folder( string $folder, array $after, int $area, int $depth ): Generator {
		foreach ( self::names( $folder, array() === $after ? '' : $after[0] ) as $name ) {
			$order = array() === $after ? 1 : strcmp( $name, $after[0] );
			if ( $order < 0 || ( 0 === $order && 1 === count( $after ) ) ) {
				continue;
			}
			$below = 0 === $order ? array_slice( $after, 1 ) : array();
			$path  = '' === $folder ? $name : $folder . '/' . $name;
			if ( WPClone_Agent_Scope::is_own( $path ) || ( 0 === $depth && self::belongs_elsewhere( $path, $area ) ) ) {
				continue;
			}
			foreach ( self::entry( $path, $below, $area, $depth ) as $entry ) {
				yield $entry;
			}
		}
	}

	/**
	 * Walks one entry: a file, a folder, or something that is left out.
	 *
	 * @param string   $path  Relative path.
	 * @param string[] $below Path below it after which to begin.
	 * @param int      $area  The area walked.
	 * @param int      $depth Folders above it.
	 * @return Generator<int,array>
	 */
	private static function entry( string $path, array $below, int $area, int $depth ): Generator {
		$absolute = WPClone_Agent_Layout::absolute( $path );
		$reason   = '' === self::AREAS[ $area ] ? null : WPClone_Agent_Scope::reason( $path );
		if ( null === $reason && is_link( $absolute ) && ! WPClone_Agent_Layout::may_follow( $path ) ) {
			$reason = 'symbolic link that leads out of the site';
		}
		if ( null === $reason && is_dir( $absolute ) ) {
			if ( $depth >= self::DEEPEST ) {
				$reason = 'folders nested too deep';
			} else {
				yield from self::folder( $path, $below, $area, $depth + 1 );
				return;
			}
		}
		if ( null === $reason && is_file( $absolute ) && ! is_readable( $absolute ) ) {
			$reason = 'not readable';
		}
		if ( null === $reason && is_file( $absolute ) ) {
			yield array( $path, (int) filesize( $absolute ), (int) filemtime( $absolute ) );
			return;
		}
		if ( null === $reason ) {
			// What open_basedir fences off does not exist for PHP, not even as a link; its name was there all the same.
			$reason = file_exists( $absolute ) ? 'not a regular file' : 'not readable';
		}
		yield array( $path, $reason );
	}

	/**
	 * Yields names in a folder, in the order of their bytes.
	 *
	 * @param string $folder Relative path.
	 * @param string $least  Name to begin at.
	 * @return Generator<int,string>
	 */
	private static function names( string $folder, string $least ): Generator {
		do {
			$names = self::batch( $folder, $least );
			foreach ( $names as $name ) {
				yield $name;
			}
			$least = (string) end( $names ) . "\0"; // No name lies between: none has that byte.
		} while ( count( $names ) >= self::MOST_NAMES );
	}

	/**
	 * The smallest names from one on, in their order, read anew: the folder may be larger than our memory.
	 *
	 * @param string $folder Relative path.
	 * @param string $least  Name to begin at.
	 * @return string[]
	 */
	private static function batch( string $folder, string $least ): array {
		$absolute = WPClone_Agent_Layout::absolute( $folder );
		$handle   = is_dir( $absolute ) && is_readable( $absolute ) ? opendir( $absolute ) : false;
		if ( false === $handle ) {
			return array();
		}
		$names = array();
		$most  = null;
		for ( $name = readdir( $handle ); false !== $name; $name = readdir( $handle ) ) {
			$foreign = '' === $folder && 1 !== preg_match( WPClone_Agent_Scope::ROOT_FILES, $name );
			if ( '.' === $name || '..' === $name || $foreign || strcmp( $name, $least ) < 0 || ( null !== $most && strcmp( $name, $most ) > 0 ) ) {
				continue;
			}
			$names[] = $name;
			if ( count( $names ) >= 2 * self::MOST_NAMES ) {
				$names = self::smallest( $names );
				$most  = end( $names );
			}
		}
		closedir( $handle );
		return self::smallest( $names );
	}

	/**
	 * As many names as are held at a time, in the order of their bytes.
	 *
	 * @param string[] $names Names.
	 * @return string[]
	 */
	private static function smallest( array $names ): array {
		sort( $names, SORT_STRING );
		return array_slice( $names, 0, self::MOST_NAMES );
	}

	/**
	 * Whether another area covers this entry.
	 *
	 * @param string $path Relative path of an entry right below an area.
	 * @param int    $area The area.
	 */
	private static function belongs_elsewhere( string $path, int $area ): bool {
		return in_array( $path, self::AREAS, true ) && self::AREAS[ $area ] !== $path;
	}
}
