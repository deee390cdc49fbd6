<?php
// SPDX-License-Identifier: GPL-2.0-or-later
// Reads pairs of serialized values, base64 and tab-separated; says whether the second is as valid
// as the first and has the same members: strings may differ, and whole numbers may become strings.

/**
 * Compares two values member by member.
 */
function wpclone_alike( $old, $new ) {
	if ( is_int( $old ) && is_string( $new ) ) {
		return true;
	}
	if ( gettype( $old ) !== gettype( $new ) ) {
		return false;
	}
	if ( is_object( $old ) ) {
		return get_class( $old ) === get_class( $new ) && wpclone_alike( (array) $old, (array) $new );
	}
	if ( is_array( $old ) ) {
		return array_keys( $old ) === array_keys( $new )
			&& ! in_array( false, array_map( 'wpclone_alike', $old, $new ), true );
	}
	if ( ! is_string( $old ) ) {
		return serialize( $old ) === serialize( $new );
	}
	$inner = @unserialize( $old );
	if ( false !== $inner ) {
		return wpclone_alike( $inner, @unserialize( $new ) );
	}
	$json = json_decode( $old, true );
	return ! is_array( $json ) || wpclone_alike( $json, json_decode( $new, true ) );
}

while ( false !== ( $line = fgets( STDIN ) ) ) {
	list( $old, $new ) = array_map( 'base64_decode', explode( "\t", trim( $line ) ) );
	$read = @unserialize( $new );
	$good = false !== $read && serialize( $read ) === $new && wpclone_alike( @unserialize( $old ), $read );
	echo $good ? "alike\n" : "different\n";
}
