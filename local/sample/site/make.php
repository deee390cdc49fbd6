<?php
/**
 * Makes the whole sample site: WordPress installed, then stage after stage, told as JSON lines.
 *
 * Usage: php make.php DOCUMENT_ROOT < profile.json, with wp-config.php already in place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Replaces WordPress' pluggable hash while generating: nobody logs in as these 500 people, and a
 * real hash of each would take half a minute and differ on every run.
 *
 * @param string $password What the account would have had.
 */
function unusable_hash( string $password ): string {
	return '$P$B' . substr( strtr( base64_encode( hash( 'sha256', $password, true ) ), '+=', './' ), 0, 30 );
}

require __DIR__ . '/words.php';
require __DIR__ . '/pictures.php';
require __DIR__ . '/media.php';
require __DIR__ . '/people.php';
require __DIR__ . '/blocks.php';
require __DIR__ . '/content.php';
require __DIR__ . '/builder.php';
require __DIR__ . '/layout.php';
require __DIR__ . '/shop.php';
require __DIR__ . '/oddities.php';
require __DIR__ . '/boot.php';

$profile = json_decode( stream_get_contents( STDIN ), true, 8, JSON_THROW_ON_ERROR );
$stages  = array(
	'install'  => install( ... ),
	'people'   => people( ... ),
	'media'    => media( ... ),
	'content'  => content( ... ),
	'builder'  => builder( ... ),
	'layout'   => layout( ... ),
	'shop'     => shop( ... ),
	'oddities' => oddities( ... ),
	'finish'   => finish( ... ),
);

boot( $argv[1], $profile );
mt_srand( $profile['seed'] );
foreach ( $stages as $name => $stage ) {
	$started = hrtime( true );
	$made    = $stage( $profile );
	$seconds = round( ( hrtime( true ) - $started ) / 1e9, 2 );
	echo json_encode( compact( 'name', 'made', 'seconds' ) ), "\n";
}
