<?php
/**
 * Takes the place of WordPress' pluggable functions that would be slow or reach out while generating.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

/**
 * Gives every generated account a hash that no password fits.
 *
 * @param string $password What the account would have had.
 */
function wp_hash_password( $password ) {
	return Acme\Sample\unusable_hash( (string) $password );
}

/**
 * Sends nothing.
 */
function wp_mail() {
	return true;
}
