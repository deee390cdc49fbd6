<?php
/**
 * Tells search engines no, in every way they listen to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * The robots meta tag of a page.
 *
 * @param mixed $robots Directives so far, by name.
 * @return array<string, bool|string>
 */
function tell_robots_no( mixed $robots ): array {
	$robots = is_array( $robots ) ? $robots : array();
	unset( $robots['index'], $robots['follow'] );
	return array_merge(
		$robots,
		array(
			'noindex'  => true,
			'nofollow' => true,
		)
	);
}

function robots_text(): string {
	return ROBOTS_TEXT;
}
