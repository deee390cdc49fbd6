<?php
/**
 * Captures what the clone's WordPress would mail. Nothing is sent, everything can be read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

namespace WPClone\Guard;

/**
 * Take the place of wp_mail(): store the mail and report success, as a mail server would.
 *
 * Whatever an earlier filter has returned does not count: a clone has one mailbox.
 *
 * @param mixed $answer Answer of other code so far.
 * @param mixed $mail   Arguments of wp_mail(), by name.
 */
function capture_wp_mail( mixed $answer, mixed $mail ): bool {
	$mail   = is_array( $mail ) ? $mail : array();
	$facts  = mail_arguments( $mail );
	$stored = store_mail( state()->directory, $facts, mail_source( $facts, (string) ( $mail['message'] ?? '' ) ) );
	if ( ! $stored ) {
		error_log( 'wpclone: a mail could not be captured; it was not sent either' );
		do_action( 'wp_mail_failed', new \WP_Error( 'wp_mail_failed', 'The mail could not be captured.', $mail ) );
		return false;
	}
	do_action( 'wp_mail_succeeded', $mail );
	return true;
}

/**
 * The arguments of wp_mail() in one shape: it takes lists or comma-separated text.
 *
 * @param array<string, mixed> $mail Arguments of wp_mail().
 * @return array<string, mixed>
 */
function mail_arguments( array $mail ): array {
	$headers = $mail['headers'] ?? array();
	$headers = is_array( $headers ) ? $headers : explode( "\n", str_replace( "\r\n", "\n", (string) $headers ) );
	$headers = array_values( array_filter( array_map( static fn( $line ): string => trim( (string) $line ), $headers ), 'strlen' ) );
	$from    = '';
	foreach ( $headers as $line ) {
		if ( 0 === stripos( $line, 'from:' ) ) {
			$from = trim( substr( $line, 5 ) );
		}
	}
	$to = $mail['to'] ?? array();
	return array(
		'via'         => 'wp_mail',
		'from'        => $from,
		'to'          => array_values( array_map( 'trim', array_map( 'strval', is_array( $to ) ? $to : explode( ',', (string) $to ) ) ) ),
		'subject'     => (string) ( $mail['subject'] ?? '' ),
		'headers'     => $headers,
		'attachments' => attachment_names( $mail['attachments'] ?? array() ),
	);
}

/**
 * Names and sizes of what was attached; the files themselves stay where they are.
 *
 * @param mixed $attachments Paths, as a list or as lines.
 * @return list<array{name: string, bytes: int}>
 */
function attachment_names( $attachments ): array {
	$paths = is_array( $attachments ) ? $attachments : explode( "\n", (string) $attachments );
	$named = array();
	foreach ( $paths as $name => $path ) {
		$path = trim( (string) $path );
		if ( '' !== $path ) {
			$named[] = array(
				'name'  => is_string( $name ) ? $name : basename( $path ),
				'bytes' => is_file( $path ) ? (int) filesize( $path ) : 0,
			);
		}
	}
	return $named;
}

/**
 * The mail as a mail program would read it.
 *
 * @param array<string, mixed> $facts Result of mail_arguments().
 */
function mail_source( array $facts, string $body ): string {
	$one_line = static fn( string $text ): string => trim( (string) preg_replace( '/[\r\n]+/', ' ', $text ) );
	$lines    = array(
		'Date: ' . gmdate( DATE_RFC2822 ),
		'To: ' . $one_line( implode( ', ', $facts['to'] ) ),
		'Subject: ' . $one_line( $facts['subject'] ),
	);
	$typed    = false;
	foreach ( $facts['headers'] as $line ) {
		$lines[] = $one_line( $line );
		$typed   = $typed || 0 === stripos( $line, 'content-type:' );
	}
	if ( ! $typed ) {
		$lines[] = 'Content-Type: ' . apply_filters( 'wp_mail_content_type', 'text/plain' ) . '; charset=UTF-8';
	}
	return implode( "\r\n", $lines ) . "\r\n\r\n" . $body;
}

/**
 * Code that brings its own wp_mail() still asks this hook: hand its mail to our sendmail program, not to SMTP.
 */
function send_through_sink( object $phpmailer ): void {
	$phpmailer->Mailer   = 'mail';
	$phpmailer->SMTPAuth = false;
}
