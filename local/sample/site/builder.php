<?php
/**
 * Lays out pages as page builders do: JSON in post meta, serialized data around it, compiled styles.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * Gives every fourth page a builder layout in each of the encodings that are met in the wild.
 *
 * @param array $profile What to make.
 */
function builder( array $profile ): int {
	$pages = get_posts( array( 'post_type' => 'page', 'numberposts' => -1, 'fields' => 'ids', 'orderby' => 'ID', 'order' => 'ASC' ) );
	$made  = 0;
	foreach ( $pages as $i => $id ) {
		if ( 0 !== $i % 4 ) {
			continue;
		}
		$layout = section( $i );
		update_post_meta( $id, '_acme_builder_data', wp_slash( wp_json_encode( $layout ) ) );
		update_post_meta( $id, '_acme_builder_plain', wp_slash( wp_json_encode( $layout, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ) ) );
		update_post_meta( $id, '_acme_builder_draft', array( 'json' => wp_json_encode( $layout ), 'nested' => serialize( array( 'inner' => wp_json_encode( $layout ) ) ) ) );
		update_post_meta( $id, '_acme_builder_cache', wp_slash( wp_json_encode( array( 'php' => serialize( array( 'url' => home_url( '/café/' ), 'n' => 1.5 ) ) ) ) ) );
		++$made;
	}
	return $made;
}

/**
 * A section with columns and widgets, as deep as real ones.
 *
 * @param int $number Makes identifiers unique.
 */
function section( int $number ): array {
	$columns = array();
	for ( $column = 0; $column < 3; $column++ ) {
		$picture   = pick( pictures() );
		$columns[] = array(
			'id'       => sprintf( 'c%04x%d', $number, $column ),
			'elType'   => 'column',
			'elements' => array(
				array(
					'widgetType' => 'image',
					'settings'   => array(
						'image' => array( 'url' => wp_get_attachment_url( $picture ), 'id' => $picture ),
						'link'  => array( 'url' => address( '/shop/' ), 'is_external' => '' ),
					),
				),
				array(
					'widgetType' => 'text-editor',
					'settings'   => array( 'editor' => '<p>' . sentence() . ' <a href="' . home_url( '/about/' ) . '">"More" …</a></p>' ),
				),
			),
		);
	}
	return array(
		array(
			'id'       => sprintf( 's%04x', $number ),
			'elType'   => 'section',
			'settings' => array( 'background_image' => array( 'url' => wp_get_attachment_url( pick( pictures() ) ) ) ),
			'elements' => $columns,
		),
	);
}
