<?php
/**
 * Shows captured mails in wp-admin: Tools, Captured mail.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

const MAIL_PAGE = 'wpclone-mail';
// Mails hold password resets of administrators: nobody of lower rank may read them.
const MAIL_CAPABILITY = 'manage_options';
const MAIL_PER_PAGE   = 50;

function add_mail_page(): void {
	$page = add_management_page( 'Captured mail', 'Captured mail', MAIL_CAPABILITY, MAIL_PAGE, __NAMESPACE__ . '\\show_mail_page' );
	if ( false !== $page ) {
		add_action( "load-$page", __NAMESPACE__ . '\\seal_mail_page' );
	}
}

/**
 * Limits where pictures may come from, for the whole page: the frame with the mail inherits it from
 * its first byte on, before a browser that looks ahead has come to the rule inside the mail.
 */
function seal_mail_page(): void {
	header( "Content-Security-Policy: img-src 'self' data: https://secure.gravatar.com; media-src 'none'; object-src 'none'" );
}

/**
 * One mail if the address names one, the list otherwise.
 */
function show_mail_page(): void {
	if ( ! current_user_can( MAIL_CAPABILITY ) ) {
		wp_die( esc_html( 'You may not read the captured mail.' ), '', array( 'response' => 403 ) );
	}
	// Reading only: no nonce needed.
	$id    = isset( $_GET['mail'] ) && is_string( $_GET['mail'] ) ? wp_unslash( $_GET['mail'] ) : '';
	$facts = mail_facts( state()->directory, $id );
	echo '<div class="wrap"><h1>Captured mail</h1>';
	if ( null === $facts ) {
		show_mail_list();
	} else {
		show_mail( $id, $facts );
	}
	echo '</div>';
}

function show_mail_list(): void {
	$ids   = mail_ids( state()->directory );
	$pages = max( 1, (int) ceil( count( $ids ) / MAIL_PER_PAGE ) );
	$page  = min( $pages, max( 1, isset( $_GET['paged'] ) ? absint( $_GET['paged'] ) : 1 ) );
	printf(
		'<p>%s</p>',
		esc_html( sprintf( 'This clone sends no mail: what it would have sent is kept here, the newest %d of it. %d so far.', MAIL_KEPT, count( $ids ) ) )
	);
	echo '<table class="wp-list-table widefat striped" id="wpclone-mails"><thead><tr>'
		. '<th scope="col">Time (UTC)</th><th scope="col">To</th><th scope="col">Subject</th><th scope="col">Sent by</th></tr></thead><tbody>';
	foreach ( array_slice( $ids, ( $page - 1 ) * MAIL_PER_PAGE, MAIL_PER_PAGE ) as $id ) {
		$facts = mail_facts( state()->directory, $id );
		if ( null === $facts ) {
			continue;
		}
		printf(
			'<tr><td>%s</td><td>%s</td><td><a href="%s">%s</a></td><td>%s</td></tr>',
			as_text( (string) ( $facts['at'] ?? '' ) ),
			as_text( mail_people( $facts ) ),
			esc_url( add_query_arg( 'mail', rawurlencode( $id ), mail_page_url() ) ),
			as_text( readable_header( (string) ( $facts['subject'] ?? '' ) ) ?: '(no subject)' ),
			as_text( (string) ( $facts['via'] ?? '' ) )
		);
	}
	echo '</tbody></table>';
	echo wp_kses_post(
		(string) paginate_links(
			array(
				'base'    => add_query_arg( 'paged', '%#%', mail_page_url() ),
				'format'  => '',
				'current' => $page,
				'total'   => $pages,
			)
		)
	);
}

/**
 * @param array<string, mixed> $facts Description of the mail.
 */
function show_mail( string $id, array $facts ): void {
	$path                   = mail_file( state()->directory, $id, 'eml' );
	$raw                    = null === $path ? '' : (string) file_get_contents( $path );
	list( $headers, $body ) = split_mail( $raw );
	$text                   = decoded_body( $headers, $body );
	printf( '<p><a href="%s">%s</a></p>', esc_url( mail_page_url() ), esc_html( 'All captured mail' ) );
	echo '<table class="form-table" role="presentation">';
	$attached = array_map( static fn( array $file ): string => "{$file['name']} ({$file['bytes']} bytes)", (array) ( $facts['attachments'] ?? array() ) );
	$rows     = array(
		'Subject'     => readable_header( (string) ( $facts['subject'] ?? '' ) ),
		'To'          => mail_people( $facts ),
		'From'        => readable_header( (string) ( $facts['from'] ?? '' ) ),
		'Time (UTC)'  => (string) ( $facts['at'] ?? '' ),
		'Sent by'     => (string) ( $facts['via'] ?? '' ),
		'Attachments' => implode( ', ', $attached ),
	);
	foreach ( array_filter( $rows, 'strlen' ) as $name => $value ) {
		printf( '<tr><th scope="row">%s</th><td>%s</td></tr>', esc_html( $name ), as_text( $value ) );
	}
	echo '</table>';
	if ( str_contains( strtolower( $headers['content-type'] ?? '' ), 'text/html' ) ) {
		// No script, no form, nothing fetched: pictures of a mail would be asked for at the original.
		$sealed = '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'; img-src data:">';
		printf(
			'<iframe sandbox="" title="%s" style="width:100%%;height:32rem;background:#fff;border:1px solid #c3c4c7" srcdoc="%s"></iframe>',
			esc_attr( 'The mail as its reader would see it' ),
			as_text( $sealed . $text )
		);
	} else {
		printf( '<pre id="wpclone-mail-text" style="white-space:pre-wrap;background:#fff;padding:1rem;border:1px solid #c3c4c7">%s</pre>', as_text( $text ) );
	}
	printf( '<details><summary>%s</summary><pre style="white-space:pre-wrap">%s</pre></details>', esc_html( 'Source' ), as_text( $raw ) );
}

/**
 * @param array<string, mixed> $facts Description of the mail.
 */
function mail_people( array $facts ): string {
	return readable_header( implode( ', ', array_map( 'strval', array_filter( (array) ( $facts['to'] ?? array() ), 'is_scalar' ) ) ) );
}

function mail_page_url(): string {
	return admin_url( 'tools.php?page=' . MAIL_PAGE );
}

/**
 * A header's encoded words as text, where the server can decode them.
 */
function readable_header( string $value ): string {
	// Only what is encoded: the decoder drops every letter beyond ASCII.
	$encoded = function_exists( 'iconv_mime_decode' ) && 1 === preg_match( '/^[\x20-\x7e]*=\?[\x20-\x7e]*$/D', $value );
	$decoded = $encoded ? iconv_mime_decode( $value, ICONV_MIME_DECODE_CONTINUE_ON_ERROR, 'UTF-8' ) : false;
	return false === $decoded ? $value : $decoded;
}

/**
 * The body of a mail in one part as text; several parts are shown as they are.
 *
 * @param array<string, string> $headers Headers of the mail.
 */
function decoded_body( array $headers, string $body ): string {
	return match ( strtolower( $headers['content-transfer-encoding'] ?? '' ) ) {
		'base64' => (string) base64_decode( $body ),
		'quoted-printable' => quoted_printable_decode( $body ),
		default => $body,
	};
}

/**
 * A mail's words for HTML, text and attributes alike, exactly as they are: WordPress' own functions leave
 * alone what looks escaped already, and show nothing at all of broken UTF-8.
 */
function as_text( string $bytes ): string {
	return htmlspecialchars( $bytes, ENT_QUOTES | ENT_SUBSTITUTE, 'UTF-8' );
}
