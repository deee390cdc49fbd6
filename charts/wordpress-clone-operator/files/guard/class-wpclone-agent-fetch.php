<?php
/**
 * Streams the content of files that a request names, many per request.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'ABSPATH' ) || exit;

/**
 * Frame: number of the file (4 bytes), offset (8), mtime (8), flags (1: 1 = last, 2 = missing), data.
 */
final class WPClone_Agent_Fetch {

	const CHUNK   = 262144;
	const LAST    = 1;
	const MISSING = 2;

	const TEXT = '/\.(css|csv|htm|html|js|json|map|md|mo|php|po|pot|svg|txt|xml)$/Di';

	/**
	 * Writes the files in their order, while the budget lasts.
	 *
	 * @param WPClone_Agent_Reply $reply The reply.
	 */
	public static function write( WPClone_Agent_Reply $reply ): void {
		clearstatcache();
		$files = isset( $reply->message->args['files'] ) ? (array) $reply->message->args['files'] : array();
		foreach ( $files as $number => $file ) {
			$path   = (string) base64_decode( (string) $file[0], true );
			$offset = isset( $file[1] ) ? max( 0, (int) $file[1] ) : 0;
			$known  = isset( $file[2] ) ? (int) $file[2] : 0;
			self::file( $reply, (int) $number, $path, $offset, $known );
			if ( $reply->budget->is_spent() ) {
				return;
			}
		}
	}

	/**
	 * Writes one file. If it has changed since its earlier part was sent, it begins anew.
	 *
	 * @param WPClone_Agent_Reply $reply  The reply.
	 * @param int                 $number Its number in the request.
	 * @param string              $path   Its relative path, not trusted.
	 * @param int                 $offset Where to begin.
	 * @param int                 $known  Its mtime when the earlier part was sent.
	 */
	private static function file( WPClone_Agent_Reply $reply, int $number, string $path, int $offset, int $known ): void {
		$absolute = WPClone_Agent_Layout::absolute( $path );
		$handle   = WPClone_Agent_Scope::allows( $path ) && is_file( $absolute ) && is_readable( $absolute ) ? fopen( $absolute, 'rb' ) : false;
		if ( false === $handle ) {
			self::send( $reply, $number, $offset, 0, self::LAST | self::MISSING, '', false );
			return;
		}
		$stat   = fstat( $handle );
		$mtime  = (int) $stat['mtime'];
		$offset = $offset > 0 && ( $mtime !== $known || $offset > $stat['size'] ) ? 0 : $offset;
		fseek( $handle, $offset );
		$pack = 1 === preg_match( self::TEXT, $path );
		do {
			$data = (string) fread( $handle, self::CHUNK );
			$last = '' === $data || feof( $handle ) || $offset + strlen( $data ) >= $stat['size'];
			self::send( $reply, $number, $offset, $mtime, $last ? self::LAST : 0, $data, $pack );
			$offset += strlen( $data );
		} while ( ! $last && ! $reply->budget->is_spent() );
		fclose( $handle );
	}

	/**
	 * Sends one frame.
	 *
	 * @param WPClone_Agent_Reply $reply  The reply.
	 * @param int                 $number Number of the file.
	 * @param int                 $offset Where the data belongs.
	 * @param int                 $mtime  When the file was changed.
	 * @param int                 $flags  Last, missing.
	 * @param string              $data   Data.
	 * @param bool                $pack   Whether compressing may pay.
	 */
	private static function send( WPClone_Agent_Reply $reply, int $number, int $offset, int $mtime, int $flags, string $data, bool $pack ): void {
		$reply->frame( 'D', pack( 'NJJC', $number, $offset, $mtime, $flags ) . $data, $pack );
		$reply->flush();
	}
}
