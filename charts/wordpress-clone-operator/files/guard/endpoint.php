<?php
/**
 * The script behind addresses that belong to the guard. guard.php, which enters first, answers them all.
 *
 * Reaching this line means that the guard was not prepended: say nothing, serve nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

http_response_code( 503 );
