<?php
/**
 * Makes an existing site large: rows written by the server itself, pictures cut out of random bytes.
 *
 * Usage: php large.php DOCUMENT_ROOT < bulk.json. Whole, it adds 2 GB of rows and 3 GB of files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

require __DIR__ . '/words.php';
require __DIR__ . '/blocks.php';
require __DIR__ . '/boot.php';
require __DIR__ . '/large-library.php';
require __DIR__ . '/large-tables.php';

/** Passages of text from which all rows are put together. */
const PASSAGES = 256;
/** Identifiers of what is added begin here, far above those of the site itself. */
const FIRST_ID = 1000000;

/**
 * Runs one statement; ends the program with the server's word if it fails.
 *
 * @param string $sql Statement.
 */
function statement( string $sql ): int {
	global $wpdb;
	$done = $wpdb->query( $sql );
	if ( false === $done ) {
		fwrite( STDERR, substr( $wpdb->last_error . "\n$sql", 0, 2000 ) . "\n" );
		exit( 1 );
	}
	return (int) $done;
}

/**
 * Lays down the text that rows quote: a passage with addresses, and a serialized value around some.
 */
function passages(): int {
	global $wpdb;
	statement( "CREATE TABLE {$wpdb->prefix}passages (id int NOT NULL PRIMARY KEY, html text NOT NULL, packed text NOT NULL) DEFAULT CHARSET=utf8mb4" );
	for ( $i = 0; $i < PASSAGES; $i++ ) {
		$html   = paragraph( sentences( 3 ) . ' <a href="' . esc_url( address( "/note/$i/" ) ) . '">' . sentence() . '</a>' );
		$html  .= paragraph( '<img src="' . home_url( "/wp-content/uploads/large/$i.jpg" ) . '" alt="été"/>' . sentences( 4 ) );
		$packed = serialize( array( 'url' => address( '/café/' ), 'inner' => serialize( array( home_url( "/deep/$i" ), 1.5, null ) ), 'note' => sentence() ) );
		$wpdb->insert( "{$wpdb->prefix}passages", array( 'id' => $i, 'html' => $html, 'packed' => $packed ) );
	}
	return PASSAGES;
}

/**
 * One option that is larger than most servers take in one statement by default.
 *
 * @param array $bulk What to make.
 */
function heavy_option( array $bulk ): int {
	global $wpdb;
	$entry = array( 'url' => address( '/catalogue/' ), 'text' => sentences( 30 ), 'json' => wp_json_encode( array( 'home' => home_url( '/' ) ) ) );
	$count = (int) ceil( $bulk['option_bytes'] / strlen( serialize( $entry ) ) );
	$wpdb->insert( $wpdb->options, array( 'option_name' => 'acme_heavy', 'option_value' => serialize( array_fill( 0, $count, $entry ) ), 'autoload' => 'no' ) );
	return $count;
}

$bulk = json_decode( stream_get_contents( STDIN ), true, 8, JSON_THROW_ON_ERROR );
boot( $argv[1], $bulk );
mt_srand( $bulk['seed'] );
statement( 'SET unique_checks = 0, foreign_key_checks = 0' );
$stages = array(
	'passages' => passages( ... ),
	'library'  => library( ... ),
	'tables'   => tables( ... ),
	'option'   => heavy_option( ... ),
	'extras'   => extras( ... ),
);
foreach ( $stages as $name => $stage ) {
	$started = hrtime( true );
	$made    = $stage( $bulk );
	$seconds = round( ( hrtime( true ) - $started ) / 1e9, 2 );
	echo json_encode( compact( 'name', 'made', 'seconds' ) ), "\n";
}
