<?php
/**
 * Paints landscapes: real JPEG files that look like something and weigh something.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

const SKIES = array(
	array( array( 26, 42, 82 ), array( 240, 148, 110 ) ),
	array( array( 92, 158, 205 ), array( 236, 240, 232 ) ),
	array( array( 58, 40, 88 ), array( 246, 196, 120 ) ),
	array( array( 110, 142, 150 ), array( 222, 214, 196 ) ),
);

/**
 * Writes one landscape.
 *
 * @param string $file    Where to.
 * @param int    $width   Pixels.
 * @param int    $height  Pixels.
 * @param int    $quality JPEG quality.
 */
function landscape( string $file, int $width, int $height, int $quality ): void {
	$image              = imagecreatetruecolor( $width, $height );
	list( $top, $horizon ) = pick( SKIES );
	for ( $y = 0; $y < $height; $y++ ) {
		imageline( $image, 0, $y, $width, $y, shade( $image, $top, $horizon, min( 1, 1.5 * $y / $height ) ) );
	}
	$size = mt_rand( 8, 18 ) * $height / 100;
	imagefilledellipse( $image, mt_rand( 15, 85 ) * $width / 100, mt_rand( 18, 40 ) * $height / 100, (int) $size, (int) $size, imagecolorallocate( $image, 252, 240, 210 ) );
	for ( $hill = 1; $hill <= 5; $hill++ ) {
		hill( $image, $width, $height, $hill, shade( $image, $horizon, array( 22, 40, 44 ), $hill / 5 ) );
	}
	grain( $image, $width, $height );
	imagejpeg( $image, $file, $quality );
}

/**
 * A colour between two.
 *
 * @param \GdImage $image Whose palette.
 * @param array    $from  Red, green, blue at 0.
 * @param array    $to    Red, green, blue at 1.
 * @param float    $share How far.
 */
function shade( \GdImage $image, array $from, array $to, float $share ): int {
	$mixed = array_map( fn( $a, $b ) => (int) round( $a + ( $b - $a ) * $share ), $from, $to );
	return imagecolorallocate( $image, ...$mixed );
}

/**
 * One row of hills as a filled polygon of three waves.
 *
 * @param \GdImage $image  Canvas.
 * @param int      $width  Pixels.
 * @param int      $height Pixels.
 * @param int      $row    1 is the farthest.
 * @param int      $colour Fill.
 */
function hill( \GdImage $image, int $width, int $height, int $row, int $colour ): void {
	$phase  = mt_rand( 0, 628 ) / 100;
	$points = array( 0, $height );
	for ( $x = 0; $x <= $width; $x += 4 ) {
		$wave     = sin( $phase + $x / $width * 5 ) + 0.5 * sin( 2 * $phase + $x / $width * 13 ) + 0.2 * sin( $phase + $x / $width * 41 );
		$points[] = $x;
		$points[] = (int) ( $height * ( 0.38 + 0.11 * $row ) + $wave * $height * 0.05 );
	}
	array_push( $points, $width, $height );
	imagefilledpolygon( $image, $points, $colour );
}

/**
 * Film grain, which is also what makes the files as heavy as photographs.
 *
 * @param \GdImage $image  Canvas.
 * @param int      $width  Pixels.
 * @param int      $height Pixels.
 */
function grain( \GdImage $image, int $width, int $height ): void {
	static $tile = null;
	if ( null === $tile ) {
		$tile = imagecreatetruecolor( 256, 256 );
		imagesavealpha( $tile, true );
		imagealphablending( $tile, false );
		for ( $i = 0; $i < 65536; $i++ ) {
			$grey = mt_rand( 0, 255 );
			imagesetpixel( $tile, $i & 255, $i >> 8, imagecolorallocatealpha( $tile, $grey, $grey, $grey, mt_rand( 108, 122 ) ) );
		}
	}
	for ( $y = -mt_rand( 0, 255 ); $y < $height; $y += 256 ) {
		for ( $x = -mt_rand( 0, 255 ); $x < $width; $x += 256 ) {
			imagecopy( $image, $tile, $x, $y, 0, 0, 256, 256 );
		}
	}
}
