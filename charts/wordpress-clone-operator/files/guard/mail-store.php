<?php
/**
 * Keeps captured mails as files: a .json that describes one, a .eml with its full text. Needs no WordPress.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

// A form under attack must not fill the volume: the oldest mails go first, giants are cut.
const MAIL_KEPT       = 1000;
const MAIL_KEPT_BYTES = 64 * 1024 * 1024;
const MAIL_MAX_BYTES  = 8 * 1024 * 1024;

/**
 * Store one mail; false if it could not be written (the caller then reports a failed mail).
 *
 * @param array<string, mixed> $facts What the mail is: via, from, to, subject, attachments.
 */
function store_mail( string $directory, array $facts, string $raw ): bool {
	$folder = $directory . '/mail';
	if ( ! is_dir( $folder ) && ( file_exists( $folder ) || ! is_writable( $directory ) || ! mkdir( $folder, 0770 ) ) ) {
		return false;
	}
	$now  = \DateTimeImmutable::createFromFormat( 'U.u', sprintf( '%.6F', microtime( true ) ) );
	$id   = $now->format( 'Ymd\THis.u\Z' ) . '-' . bin2hex( random_bytes( 4 ) );
	$json = json_encode(
		array(
			'id'   => $id,
			'at'   => $now->format( 'Y-m-d\TH:i:s\Z' ),
		) + $facts + array( 'bytes' => strlen( $raw ) ),
		JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRETTY_PRINT
	);
	// The description last: whoever sees it can read the mail.
	return write_whole( "$folder/$id.eml", substr( $raw, 0, MAIL_MAX_BYTES ) )
		&& write_whole( "$folder/$id.json", $json . "\n" )
		&& drop_oldest( $folder );
}

function write_whole( string $path, string $text ): bool {
	if ( strlen( $text ) !== file_put_contents( "$path.part", $text ) ) {
		is_file( "$path.part" ) && unlink( "$path.part" );
		return false;
	}
	return rename( "$path.part", $path );
}

/**
 * Keep the newest mails, as many as there may be and as their bytes allow.
 */
function drop_oldest( string $folder ): bool {
	$bytes = 0;
	foreach ( mail_ids( dirname( $folder ) ) as $number => $id ) {
		// Another request may drop the same one.
		$files  = array_filter( array( "$folder/$id.json", "$folder/$id.eml" ), 'is_file' );
		$bytes += array_sum( array_map( 'filesize', $files ) );
		if ( $number >= MAIL_KEPT || ( $number > 0 && $bytes > MAIL_KEPT_BYTES ) ) {
			array_map( 'unlink', $files );
		}
	}
	return true;
}

/**
 * Ids of all stored mails, newest first.
 *
 * @return list<string>
 */
function mail_ids( string $directory ): array {
	$names = is_dir( $directory . '/mail' ) ? scandir( $directory . '/mail', SCANDIR_SORT_DESCENDING ) : array();
	$names = array_filter( $names ?: array(), static fn( string $name ): bool => str_ends_with( $name, '.json' ) );
	return array_values( array_map( static fn( string $name ): string => substr( $name, 0, -5 ), $names ) );
}

/**
 * One stored mail's description, or null. Ids come from a browser: only our own shape is looked up.
 *
 * @return array<string, mixed>|null
 */
function mail_facts( string $directory, string $id ): ?array {
	$path  = mail_file( $directory, $id, 'json' );
	$facts = null === $path ? null : json_decode( (string) file_get_contents( $path ), true );
	return is_array( $facts ) ? $facts : null;
}

function mail_file( string $directory, string $id, string $kind ): ?string {
	if ( 1 !== preg_match( '/^\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{8}$/D', $id ) ) {
		return null;
	}
	$path = "$directory/mail/$id.$kind";
	return is_file( $path ) ? $path : null;
}

/**
 * Split a raw mail into its unfolded headers (names in lower case) and its body.
 *
 * @return array{array<string, string>, string}
 */
function split_mail( string $raw ): array {
	$parts   = preg_split( '/\r?\n\r?\n/', $raw, 2 );
	$headers = array();
	foreach ( explode( "\n", (string) preg_replace( '/\r?\n[ \t]+/', ' ', $parts[0] ?? '' ) ) as $line ) {
		$pair = explode( ':', $line, 2 );
		if ( 2 === count( $pair ) ) {
			$name             = strtolower( trim( $pair[0] ) );
			$headers[ $name ] = isset( $headers[ $name ] ) ? $headers[ $name ] . ', ' . trim( $pair[1] ) : trim( $pair[1] );
		}
	}
	return array( $headers, $parts[1] ?? '' );
}
