<?php
/**
 * Chooses and writes text from the seed: the same words on every run.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

const NOUNS = array( 'paper', 'ink', 'press', 'letter', 'garden', 'bridge', 'harbour', 'workshop', 'catalogue', 'lamp', 'street', 'orchard', 'notebook', 'engine', 'window', 'market', 'café', 'Straße', 'fjord', 'été', 'naïveté', 'smörgåsbord', '紙', 'бумага' );
const VERBS = array( 'prints', 'keeps', 'folds', 'carries', 'mends', 'paints', 'writes', 'sells', 'remembers', 'cuts', 'binds', 'opens' );
const KINDS = array( 'quiet', 'bright', 'heavy', 'patient', 'curious', 'green', 'northern', 'handmade', 'narrow', 'old', 'well-known', 'small' );
const FIRST = array( 'Ada', 'Björn', 'Chiara', 'Dmitri', 'Élodie', 'Fatima', 'Grzegorz', 'Hana', 'İpek', 'João', 'Kaito', 'Łucja', 'Noor', 'Søren', 'Zoë' );
const LAST  = array( 'Ackermann', 'Brouček', 'Castellanos', "D'Arcy", 'Eriksson', 'Fontaine', 'González', 'Haverkamp', 'Ivanović', 'Jónsdóttir', 'Kowalski', 'Lindqvist', 'Müller', "O'Neill", 'Yılmaz' );

/**
 * One element of a list.
 *
 * @param array $list Where to choose from.
 */
function pick( array $list ) {
	return $list[ mt_rand( 0, count( $list ) - 1 ) ];
}

/**
 * A plain sentence.
 */
function sentence(): string {
	return sprintf( 'The %s %s %s the %s %s.', pick( KINDS ), pick( NOUNS ), pick( VERBS ), pick( KINDS ), pick( NOUNS ) );
}

/**
 * Some sentences in a row.
 *
 * @param int $count How many.
 */
function sentences( int $count ): string {
	return implode( ' ', array_map( fn() => sentence(), range( 1, $count ) ) );
}

/**
 * A heading that no other thing of the site has.
 *
 * @param int $number Makes it unique.
 */
function heading( int $number ): string {
	return sprintf( '%s %s, no. %d', ucfirst( pick( KINDS ) ), pick( NOUNS ), $number );
}

/**
 * A person's name.
 *
 * @return array{0: string, 1: string}
 */
function person(): array {
	return array( pick( FIRST ), pick( LAST ) );
}

/**
 * A made-up address of a web page below the site, with a query that needs escaping.
 *
 * @param string $path Below the site's address.
 */
function address( string $path ): string {
	return home_url( $path ) . '?from=' . mt_rand( 1, 99 ) . '&to=' . mt_rand( 100, 999 );
}
