<?php
/**
 * Keeps the clone at the versions it was copied with, and its files out of the web editor.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * What WordPress remembers after a check that found nothing; spares every admin page the waiting for one.
 */
function no_update_known(): object {
	return (object) array(
		'last_checked'    => time(),
		'version_checked' => $GLOBALS['wp_version'] ?? '',
		'updates'         => array(),
		'response'        => array(),
		'no_update'       => array(),
		'translations'    => array(),
		'checked'         => array(),
	);
}

/**
 * No code is edited in the browser; installing a plugin from a file stays possible.
 *
 * @param mixed $caps Capabilities needed so far, as a list.
 * @param mixed $cap  The capability asked for; sloppy code asks for null.
 * @return mixed
 */
function forbid_file_editor( mixed $caps, mixed $cap ): mixed {
	return in_array( $cap, array( 'edit_files', 'edit_plugins', 'edit_themes' ), true ) ? array( 'do_not_allow' ) : $caps;
}
