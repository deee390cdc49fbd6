<?php
/**
 * Fills the media library of a large site: files with the names and sizes that WordPress gives them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/** What WordPress makes of one photograph: ending of the name, width, height, kilobytes. */
const SIZES = array(
	'scaled'        => array( '-scaled', 2560, 1600, 230 ),
	'2048x2048'     => array( '-2048x1280', 2048, 1280, 150 ),
	'1536x1536'     => array( '-1536x960', 1536, 960, 95 ),
	'large'         => array( '-1024x640', 1024, 640, 52 ),
	'medium_large'  => array( '-768x480', 768, 480, 34 ),
	'woocommerce'   => array( '-600x600', 600, 600, 26 ),
	'medium'        => array( '-300x188', 300, 188, 9 ),
	'thumbnail'     => array( '-150x150', 150, 150, 5 ),
);
/** A whole site has so many photographs, eight files each: 40,000 files of 3 GB. */
const PHOTOGRAPHS = 5000;
/** Random bytes out of which every file takes its own stretch. */
const POOL = 16777216;

/**
 * Writes the files and registers them.
 *
 * @param array $bulk What to make.
 */
function library( array $bulk ): int {
	$pool  = ( new \Random\Randomizer( new \Random\Engine\Xoshiro256StarStar( $bulk['seed'] ) ) )->getBytes( POOL );
	$count = max( 1, (int) round( PHOTOGRAPHS * $bulk['share'] ) );
	$posts = array();
	$metas = array();
	for ( $i = 1; $i <= $count; $i++ ) {
		$month   = gmdate( 'Y/m', BEGINNING + 86400 * intdiv( $i * 1500, $count ) );
		$posts[] = photograph( $pool, $i, $month, $metas );
		if ( 0 === $i % 100 || $i === $count ) {
			register( $posts, $metas );
			$posts = array();
			$metas = array();
		}
	}
	return $count * count( SIZES );
}

/**
 * Writes one photograph in all its sizes; returns its row, and adds its metadata.
 *
 * @param string   $pool   Random bytes.
 * @param int      $number Which.
 * @param string   $month  Folder below uploads.
 * @param string[] $metas  Rows of metadata so far.
 */
function photograph( string $pool, int $number, string $month, array &$metas ): string {
	global $wpdb;
	$names  = array( 'harbour-at-dusk', 'Grüße-aus-dem-Werk', 'paper_mill', 'naïve-été', 'press-room', 'DSC_' . 4000 + $number );
	$name   = sprintf( '%s-%04d', $names[ $number % count( $names ) ], $number );
	$folder = WP_CONTENT_DIR . "/uploads/$month";
	$url    = home_url( "/wp-content/uploads/$month/$name-scaled.jpg" );
	is_dir( $folder ) || mkdir( $folder, 0755, true );
	$sizes = array();
	foreach ( SIZES as $size => list( $ending, $width, $height, $kilobytes ) ) {
		$bytes = (int) ( $kilobytes * 1024 * mt_rand( 70, 130 ) / 100 );
		$path  = "$folder/$name$ending.jpg";
		// Every file is another: its number, and a stretch of its own.
		file_put_contents( $path, "\xFF\xD8\xFF\xE0" . pack( 'N', $number ) . substr( $pool, mt_rand( 0, POOL - $bytes ), $bytes ) . "\xFF\xD9" );
		touch( $path, BEGINNING + 60 * $number );
		$sizes[ $size ] = array( 'file' => "$name$ending.jpg", 'width' => $width, 'height' => $height, 'mime-type' => 'image/jpeg', 'filesize' => $bytes + 10 );
	}
	$id   = FIRST_ID + $number;
	$meta = array( 'width' => 2560, 'height' => 1600, 'file' => "$month/$name-scaled.jpg", 'sizes' => $sizes, 'original_image' => $url );
	array_push(
		$metas,
		$wpdb->prepare( "(%d,'_wp_attached_file',%s)", $id, $meta['file'] ),
		$wpdb->prepare( "(%d,'_wp_attachment_metadata',%s)", $id, serialize( $meta ) )
	);
	return $wpdb->prepare( "(%d,1,'2024-05-01','2024-05-01','','',%s,'inherit',%s,'','','2024-05-01','2024-05-01','',%s,'attachment','image/jpeg')", $id, $name, "photograph-$number", $url );
}

/**
 * Inserts what `photograph()` returned.
 *
 * @param string[] $posts Rows of attachments.
 * @param string[] $metas Rows of their metadata.
 */
function register( array $posts, array $metas ): void {
	global $wpdb;
	statement( "INSERT INTO $wpdb->posts (" . POST_COLUMNS . ') VALUES ' . $wpdb->remove_placeholder_escape( implode( ',', $posts ) ) );
	statement( "INSERT INTO $wpdb->postmeta (post_id,meta_key,meta_value) VALUES " . $wpdb->remove_placeholder_escape( implode( ',', $metas ) ) );
}
