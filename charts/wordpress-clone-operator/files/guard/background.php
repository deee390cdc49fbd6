<?php
/**
 * Constant answers for switches of WordPress and plugins that must not be on in a clone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

function always(): bool {
	return true;
}

function never(): bool {
	return false;
}

/**
 * As an option: a plain false would mean "ask the database".
 */
function zero(): string {
	return '0';
}

function nothing(): string {
	return '';
}

/**
 * @return array<never>
 */
function none(): array {
	return array();
}
