<?php
/**
 * Fills the media library: attachments with every thumbnail, style sheets and a drawing among them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Paints and registers the pictures, the style sheet and the drawing.
 *
 * @param array $profile What to make.
 */
function media( array $profile ): int {
	for ( $i = 1; $i <= $profile['pictures']; $i++ ) {
		$name = picture_name( $i );
		$hour = 24 * $i;
		$dir  = wp_upload_dir( wp_date( 'Y/m', BEGINNING + 3600 * $hour ) );
		$file = $dir['path'] . '/' . $name;
		landscape( $file, $profile['picture_width'], (int) ( $profile['picture_width'] * 0.625 ), 90 );
		attach( $file, $dir['url'] . '/' . $name, $hour, $i );
	}
	style_sheets();
	return $profile['pictures'];
}

/**
 * File names as people upload them: spaces become dashes, but other letters stay.
 *
 * @param int $number Which picture.
 */
function picture_name( int $number ): string {
	$names = array( 'harbour-at-dusk', 'Grüße-aus-dem-Werk', 'paper_mill', 'naïve-été', 'press-room' );
	return sprintf( '%s-%02d.jpg', $names[ $number % count( $names ) ], $number );
}

/**
 * Registers a file as an attachment and makes its sizes.
 *
 * @param string $file   Path.
 * @param string $url    Address.
 * @param int    $hour   When, in hours of the story.
 * @param int    $number Which picture.
 */
function attach( string $file, string $url, int $hour, int $number ): void {
	$id = wp_insert_attachment(
		moment( $hour ) + array(
			'post_mime_type' => 'image/jpeg',
			'post_title'     => sprintf( 'View no. %d', $number ),
			'post_content'   => sentence(),
			'post_excerpt'   => sentence(),
			'guid'           => $url,
		),
		$file
	);
	wp_update_attachment_metadata( $id, wp_generate_attachment_metadata( $id, $file ) );
	update_post_meta( $id, '_wp_attachment_image_alt', 'A view of hills, no. ' . $number );
}

/**
 * The identifiers of all pictures, oldest first.
 *
 * @return int[]
 */
function pictures(): array {
	static $ids = null;
	$ids      ??= get_posts(
		array(
			'post_type'   => 'attachment',
			'post_status' => 'inherit',
			'numberposts' => -1,
			'orderby'     => 'ID',
			'order'       => 'ASC',
			'fields'      => 'ids',
		)
	);
	return $ids;
}

/**
 * Style sheets and a drawing below uploads that name absolute addresses in every usual spelling.
 */
function style_sheets(): void {
	$dir  = wp_upload_dir( '2024/01' )['basedir'] . '/acme';
	$hero = wp_get_attachment_url( pictures()[0] );
	$bare = preg_replace( '/^https?:/', '', wp_get_attachment_url( pictures()[1] ) );
	$home = home_url();
	wp_mkdir_p( $dir );
	file_put_contents(
		$dir . '/custom.css',
		"@import url('{$home}/wp-content/uploads/acme/colours.css');\n" .
		"/* made by the Acme customizer for {$home}/ */\n" .
		".acme-hero{background-image:url(\"{$hero}\")}\n" .
		".acme-band{background-image:url({$bare})}\n" .
		':root{--acme-home:"' . str_replace( '/', '\\/', $home ) . "\"}\n"
	);
	file_put_contents( $dir . '/colours.css', ":root{--acme-ink:#1d2b36;--acme-paper:#fbf8f1;--acme-mark:#b8472a}\n" );
	file_put_contents(
		$dir . '/mark.svg',
		'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 48 48" width="48" height="48">' .
		"<a xlink:href=\"{$home}/\"><rect width=\"48\" height=\"48\" rx=\"8\" fill=\"#b8472a\"/>" .
		'<path d="M12 36 24 10l12 26h-6l-6-14-6 14z" fill="#fbf8f1"/></a></svg>' . "\n"
	);
	file_put_contents( $dir . '/settings.json', wp_json_encode( array( 'endpoint' => $home . '/wp-json/acme/v1', 'hero' => $hero ) ) . "\n" );
}
