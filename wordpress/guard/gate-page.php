<?php
/**
 * Draws the page a stranger meets: one file, no script, nothing loaded from anywhere.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * The gate's page as HTML. It says neither what was copied nor until when.
 */
function gate_page( State $state, Request $request, bool $wrong_key ): string {
	$back  = $state->origin() . $request->without( KEY_PARAMETER );
	$login = $state->url . '/wp-login.php?redirect_to=' . rawurlencode( $back );
	$how   = 'Login' === $state->access
		? 'Only people with an account on it may look at it.'
		: 'Open it with the visit link you were given, or log in with an account on it.';
	$note  = match ( true ) {
		$wrong_key => '<p class="note" role="alert">The key in this link does not open this copy. Ask for a new link.</p>',
		null !== $request->parameter( KEY_PARAMETER ) => '<p class="note" role="alert">Visit links are switched off for this copy.</p>',
		default => '',
	};
	$login = htmlspecialchars( $login, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' );
	return <<<HTML
		<!DOCTYPE html>
		<html lang="en">
		<head>
		<meta charset="utf-8">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<meta name="robots" content="noindex, nofollow">
		<title>Private copy of a website</title>
		<style>
		:root { color-scheme: light dark; }
		body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1.0625rem/1.6 system-ui, sans-serif; background: #f4f5f7; color: #1d2327; }
		main { max-width: 32rem; margin: 1.5rem; padding: 2.5rem; background: #fff; border-radius: .75rem; border-top: .375rem solid #b3420f; box-shadow: 0 1px 4px rgba(0, 0, 0, .15); }
		h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
		p { margin: 0 0 1rem; }
		.note { padding: .75rem 1rem; border-left: .25rem solid #b3420f; background: #fdf0e9; color: #1d2327; }
		a { display: inline-block; padding: .625rem 1.25rem; border-radius: .375rem; background: #1d4f91; color: #fff; font-weight: 600; text-decoration: none; }
		a:hover { background: #163d70; }
		a:focus-visible { outline: .1875rem solid #b3420f; outline-offset: .1875rem; }
		@media (prefers-color-scheme: dark) { body { background: #14171a; color: #f0f0f1; } main { background: #20252a; } }
		</style>
		</head>
		<body>
		<main>
		<h1>This is a private copy of a website</h1>
		$note
		<p>It was made to try things out and is not open to the public. $how</p>
		<p><a href="$login">Log in</a></p>
		</main>
		</body>
		</html>

		HTML;
}
