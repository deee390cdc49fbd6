<?php
/**
 * Plugin Name: Acme Notes
 * Description: A line below every post; installed but not active, so that a test can activate it.
 * Version: 0.9.0
 * License: GPL-2.0-or-later
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeNotes
 */

defined( 'ABSPATH' ) || exit;

add_action(
	'wp_footer',
	function (): void {
		echo '<p id="acme-notes">Notes are on.</p>';
	}
);
