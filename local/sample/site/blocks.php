<?php
/**
 * Writes block markup: comments with JSON attributes, pictures, galleries and links in odd spellings.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/**
 * A whole article.
 *
 * @param int $number Decides which parts it has.
 */
function article( int $number ): string {
	$parts = array( paragraph( sentences( 3 ) ) );
	if ( 0 === $number % 2 ) {
		$parts[] = picture_block( pick( pictures() ) );
	}
	$parts[] = paragraph( sentences( 2 ) . ' <a href="' . esc_url( home_url( '/shop/?ref=' . $number ) ) . '">See the shop</a>.' );
	if ( 0 === $number % 5 ) {
		$parts[] = gallery_block();
	}
	if ( 0 === $number % 3 ) {
		$parts[] = button_block( address( '/contact/' ) );
	}
	if ( 0 === $number % 4 ) {
		$parts[] = paragraph( 'Share: <a href="https://share.example/?u=' . rawurlencode( home_url( '/about/' ) ) . '">share</a>, <a href="' . esc_url( home_url( '/%C3%BCber-uns/caf%C3%A9/' ) ) . '">Über uns</a>.' );
	}
	$parts[] = paragraph( sentences( 4 ) );
	return implode( "\n\n", $parts );
}

/**
 * A paragraph block.
 *
 * @param string $html Its inside.
 */
function paragraph( string $html ): string {
	return "<!-- wp:paragraph -->\n<p>$html</p>\n<!-- /wp:paragraph -->";
}

/**
 * An image block with the srcset that WordPress adds when showing it.
 *
 * @param int $id Attachment.
 */
function picture_block( int $id ): string {
	$attributes = wp_json_encode( array( 'id' => $id, 'sizeSlug' => 'large', 'linkDestination' => 'media' ) );
	$large      = esc_url( wp_get_attachment_image_url( $id, 'large' ) );
	$full       = esc_url( wp_get_attachment_url( $id ) );
	return "<!-- wp:image $attributes -->\n<figure class=\"wp-block-image size-large\"><a href=\"$full\"><img src=\"$large\" alt=\"\" class=\"wp-image-$id\"/></a></figure>\n<!-- /wp:image -->";
}

/**
 * Three pictures in a row, whose addresses also stand in the comment's JSON.
 */
function gallery_block(): string {
	$ids        = array( pick( pictures() ), pick( pictures() ), pick( pictures() ) );
	$attributes = wp_json_encode( array( 'ids' => $ids, 'links' => array_map( 'wp_get_attachment_url', $ids ) ) );
	return "<!-- wp:acme/gallery $attributes -->\n<div class=\"acme-gallery\">" . implode( '', array_map( fn( $id ) => '<img loading="lazy" alt="" src="' . esc_url( wp_get_attachment_image_url( $id, 'medium' ) ) . '"/>', $ids ) ) . "</div>\n<!-- /wp:acme/gallery -->";
}

/**
 * A button whose address stands in escaped JSON and in HTML.
 *
 * @param string $url Where it leads.
 */
function button_block( string $url ): string {
	$attributes = str_replace( '--', '\\u002d\\u002d', wp_json_encode( array( 'url' => $url, 'note' => 'a -- b' ), JSON_HEX_AMP | JSON_HEX_TAG ) );
	return "<!-- wp:acme/button $attributes -->\n<p class=\"acme-button\"><a href=\"" . esc_url( $url ) . "\">Write to us</a></p>\n<!-- /wp:acme/button -->";
}
