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
 * @param array<string, bool|string> $robots Directives so far.
 * @return array<string, bool|string>
 */
function tell_robots_no( array $robots ): array {
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
