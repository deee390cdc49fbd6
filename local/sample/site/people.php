<?php
/**
 * Makes the site's people: editors, authors and many customers with their profile data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Makes the accounts; the administrator is there already.
 *
 * @param array $profile What to make.
 */
function people( array $profile ): int {
	add_role( 'customer', 'Customer', array( 'read' => true ) );
	for ( $i = 2; $i <= $profile['users']; $i++ ) {
		account( $i );
	}
	return $profile['users'];
}

/**
 * Makes one account.
 *
 * @param int $number Its number, which is its identifier too.
 */
function account( int $number ): void {
	list( $first, $last ) = person();
	$login                = sprintf( 'person%04d', $number );
	$roles                = array( 2 => 'editor', 3 => 'author', 4 => 'author', 5 => 'contributor' );
	$id                   = wp_insert_user(
		array(
			'user_login'      => $login,
			'user_pass'       => $login,
			'user_email'      => $login . '@customers.example',
			'user_url'        => 0 === $number % 7 ? home_url( '/people/' . $login . '/' ) : '',
			'user_registered' => gmdate( 'Y-m-d H:i:s', BEGINNING + 5400 * $number ),
			'display_name'    => "$first $last",
			'first_name'      => $first,
			'last_name'       => $last,
			'description'     => 0 === $number % 5 ? sentences( 2 ) : '',
			'role'            => $roles[ $number ] ?? 'customer',
		)
	);
	update_user_meta( $id, 'billing_city', pick( array( 'Köln', 'Malmö', 'Łódź', 'Évora' ) ) );
	update_user_meta(
		$id,
		'acme_preferences',
		array(
			'landing' => home_url( '/shop/' ),
			'visits'  => mt_rand( 0, 500 ),
			'ratio'   => mt_rand( 1, 999 ) / 1000,
			'lists'   => array( 'news' => (bool) mt_rand( 0, 1 ), 'last' => null ),
		)
	);
}
