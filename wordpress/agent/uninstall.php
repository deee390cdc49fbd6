<?php
/**
 * Removes every option of ours when the plugin is deleted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package WPClone_Agent
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

require_once __DIR__ . '/includes/class-wpclone-agent-options.php';

WPClone_Agent_Options::delete_all();
