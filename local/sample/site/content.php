<?php
/**
 * Writes posts, pages, terms and comments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Writes it all.
 *
 * @param array $profile What to make.
 */
function content( array $profile ): int {
	$terms = terms();
	pages( $profile );
	for ( $i = 1; $i <= $profile['posts']; $i++ ) {
		post( $i, $terms );
	}
	comments( $profile['comments'] );
	wp_update_term_count_now( $terms, 'category' );
	return $profile['posts'] + $profile['pages'];
}

/**
 * Categories, some nested, with descriptions that hold links.
 *
 * @return int[]
 */
function terms(): array {
	$ids = array();
	foreach ( array( 'News', 'Workshop', 'Papers', 'Inks', 'Überblick' ) as $i => $name ) {
		$made  = wp_insert_term(
			$name,
			'category',
			array(
				'parent'      => $i > 2 ? $ids[2] : 0,
				'description' => 'Everything about <a href="' . home_url( '/' ) . '">' . $name . '</a>',
			)
		);
		$ids[] = $made['term_id'];
	}
	return $ids;
}

/**
 * Pages in a tree; the first ones have the names that menus and tests know.
 *
 * @param array $profile What to make.
 */
function pages( array $profile ): void {
	$known  = array( 'Welcome', 'About', 'Contact', 'Über uns', 'Imprint', 'Journal' );
	$parent = 0;
	for ( $i = 1; $i <= $profile['pages']; $i++ ) {
		$title = $known[ $i - 1 ] ?? heading( $i );
		$id    = save(
			moment( $i ) + array(
				'post_type'    => 'page',
				'post_title'   => $title,
				'post_parent'  => $i > 8 ? $parent : 0,
				'menu_order'   => $i,
				'post_content' => 'Journal' === $title ? '' : article( $i ),
			)
		);
		if ( 0 === $i % 6 ) {
			$parent = $id;
		}
	}
	update_option( 'show_on_front', 'page' );
	update_option( 'page_on_front', page( 'Welcome' ) );
	update_option( 'page_for_posts', page( 'Journal' ) );
}

/**
 * The identifier of a page by its title.
 *
 * @param string $title Which.
 */
function page( string $title ): int {
	return (int) get_posts( array( 'post_type' => 'page', 'title' => $title, 'fields' => 'ids' ) )[0];
}

/**
 * One post with a picture, tags, custom fields and, now and then, a revision.
 *
 * @param int   $number Its number.
 * @param int[] $terms  Categories.
 */
function post( int $number, array $terms ): void {
	$id = save(
		moment( 31 * $number ) + array(
			'post_title'    => heading( $number ),
			'post_content'  => article( $number ),
			'post_excerpt'  => sentence(),
			'post_author'   => mt_rand( 1, 4 ),
			'post_category' => array( pick( $terms ) ),
			'tags_input'    => array( pick( KINDS ), pick( NOUNS ) ),
		)
	);
	set_post_thumbnail( $id, pick( pictures() ) );
	update_post_meta( $id, 'acme_source', address( '/archive/' . $number . '/' ) );
	if ( 0 === $number % 9 ) {
		save(
			moment( 31 * $number + 1 ) + array(
				'post_type'    => 'revision',
				'post_status'  => 'inherit',
				'post_parent'  => $id,
				'post_title'   => 'An earlier draft',
				'post_name'    => $id . '-revision-v1',
				'post_content' => article( $number + 1 ),
			)
		);
	}
}

/**
 * Saves a post as a published one of the administrator, or dies saying why.
 *
 * @param array $fields As for wp_insert_post, unslashed.
 */
function save( array $fields ): int {
	$id = wp_insert_post( wp_slash( $fields + array( 'post_status' => 'publish', 'post_author' => 1 ) ), true );
	if ( is_wp_error( $id ) ) {
		throw new \RuntimeException( esc_html( $id->get_error_message() ) );
	}
	return $id;
}

/**
 * Comments, a third of them answers, some waiting and some spam.
 *
 * @param int $count How many.
 */
function comments( int $count ): void {
	$posts = get_posts( array( 'numberposts' => 40, 'fields' => 'ids', 'orderby' => 'ID' ) );
	$last  = array( 0, 0 );
	for ( $i = 1; $i <= $count; $i++ ) {
		list( $first, $name ) = person();
		$answer               = 0 === $i % 3;
		$post                 = $answer ? $last[0] : pick( $posts );
		$then                 = BEGINNING + 7200 * $i;
		$id                   = wp_insert_comment(
			array(
				'comment_post_ID'      => $post,
				'comment_parent'       => $answer ? $last[1] : 0,
				'comment_author'       => "$first $name",
				'comment_author_email' => sprintf( 'guest%04d@visitors.example', $i ),
				'comment_author_url'   => 0 === $i % 11 ? home_url( '/people/' ) : '',
				'comment_author_IP'    => '192.0.2.' . ( $i % 250 ),
				'comment_content'      => sentence() . ( 0 === $i % 10 ? ' ' . home_url( '/about/' ) : '' ),
				'comment_approved'     => 0 === $i % 13 ? 'spam' : ( 0 === $i % 7 ? 0 : 1 ),
				'comment_date'         => wp_date( 'Y-m-d H:i:s', $then ),
				'comment_date_gmt'     => gmdate( 'Y-m-d H:i:s', $then ),
			)
		);
		$last                 = array( $post, $id );
	}
}
