<?php
/**
 * Fills the tables of a large site with what the server makes itself out of numbers and passages.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 *
 * @package AcmeSample
 */

namespace Acme\Sample;

/** Columns of a post that are written, in their order. */
const POST_COLUMNS = 'ID,post_author,post_date,post_date_gmt,post_content,post_excerpt,post_title,post_status,post_name,to_ping,pinged,post_modified,post_modified_gmt,post_content_filtered,guid,post_type,post_mime_type';

/**
 * Fills every table; a whole site has the number of rows that is named here.
 *
 * @param array $bulk What to make.
 */
function tables( array $bulk ): int {
	$made = 0;
	foreach ( definitions() as list( $create, $insert, $rows ) ) {
		$count = max( 2, (int) round( $rows * $bulk['share'] ) );
		if ( '' !== $create ) {
			statement( $create );
		}
		$made += statement( str_replace( 'NUMBERS', "seq_1_to_$count", $insert ) );
	}
	return $made;
}

/**
 * What to create, how to fill it from NUMBERS (`seq`) and passages (`p`), and with how many rows.
 *
 * @return array<int,array{0: string, 1: string, 2: int}>
 */
function definitions(): array {
	return array_merge( core_tables(), shop_tables(), old_tables() );
}

/**
 * WordPress' own tables.
 */
function core_tables(): array {
	global $wpdb;
	$home  = home_url();
	$first = FIRST_ID + 100000;
	$from  = "FROM NUMBERS JOIN {$wpdb->prefix}passages p ON p.id = seq * 131 % " . PASSAGES;
	return array(
		array( '', "INSERT INTO $wpdb->posts (" . POST_COLUMNS . ") SELECT $first + seq, 1 + seq % 3, '2024-01-02 03:04:05' + INTERVAL seq MINUTE, IF( seq % 9, '2024-01-02 02:04:05', '0000-00-00 00:00:00' ), CONCAT( REPEAT( p.html, 3 ), '<a href=\"$home/?p=', seq, '\">', MD5( seq ), '</a>' ), '', CONCAT( 'Note no. ', seq ), 'publish', CONCAT( 'note-', seq ), '', '', '2024-01-02', '2024-01-02', '', CONCAT( '$home/?p=', $first + seq ), 'acme_note', '' $from", 150000 ),
		array( '', "INSERT INTO $wpdb->postmeta (post_id,meta_key,meta_value) SELECT $first + seq DIV 10, ELT( 1 + seq % 4, '_acme_url', '_acme_number', '_acme_data', '_acme_hash' ), ELT( 1 + seq % 4, CONCAT( '$home/note/', seq, '/?a=1&b=', seq % 7 ), seq, p.packed, CONCAT( MD5( seq ), SHA1( seq ) ) ) $from", 1500000 ),
	);
}

/**
 * A shop's tables: a foreign key, generated columns, dates that are none, a key of two columns, JSON.
 */
function shop_tables(): array {
	global $wpdb;
	$home = home_url();
	$p    = $wpdb->prefix;
	$from = "FROM NUMBERS JOIN {$p}passages p ON p.id = seq * 37 % " . PASSAGES;
	return array(
		array(
			"CREATE TABLE {$p}large_orders (id bigint unsigned NOT NULL AUTO_INCREMENT, number int NOT NULL, net decimal(12,2) NOT NULL, gross decimal(12,2) GENERATED ALWAYS AS (net * 1.19) STORED, label varchar(60) GENERATED ALWAYS AS (concat('Order no. ', number)) VIRTUAL, placed datetime NOT NULL DEFAULT '0000-00-00 00:00:00', paid timestamp NULL DEFAULT NULL, status enum('new','paid','lost') NOT NULL, note text, PRIMARY KEY (id), KEY placed (placed), KEY label (label)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
			"INSERT INTO {$p}large_orders (number,net,placed,paid,status,note) SELECT seq, seq % 99991 / 100, IF( seq % 5, '2024-03-01' + INTERVAL seq SECOND, '0000-00-00 00:00:00' ), IF( seq % 3, NULL, '2024-03-02 10:00:00' ), ELT( 1 + seq % 3, 'new', 'paid', 'lost' ), CONCAT( 'See $home/order/', seq, ' ', LEFT( p.html, 200 ) ) $from",
			600000,
		),
		array(
			"CREATE TABLE {$p}large_items (order_id bigint unsigned NOT NULL, line smallint NOT NULL, data json, PRIMARY KEY (order_id,line), CONSTRAINT {$p}large_of_order FOREIGN KEY (order_id) REFERENCES {$p}large_orders (id) ON DELETE CASCADE) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
			"INSERT INTO {$p}large_items SELECT 1 + seq DIV 2, seq % 2, JSON_OBJECT( 'url', CONCAT( '$home/item/', seq ), 'packed', p.packed ) $from WHERE 1 + seq DIV 2 <= ( SELECT MAX(id) FROM {$p}large_orders )",
			1000000,
		),
		array(
			"CREATE TABLE {$p}large_layouts (slug varchar(60) NOT NULL PRIMARY KEY, body longtext) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
			"INSERT INTO {$p}large_layouts SELECT CONCAT( 'layout-', seq ), CONCAT( REPEAT( p.html, 500 ), '$home/' ) $from",
			160,
		),
		array(
			"CREATE TABLE {$p}large_files (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, hash binary(32) NOT NULL, body mediumblob) ENGINE=InnoDB",
			"INSERT INTO {$p}large_files (hash,body) SELECT UNHEX( SHA2( seq, 256 ) ), REPEAT( UNHEX( SHA2( CONCAT( 'body', seq ), 512 ) ), 300 ) FROM NUMBERS",
			6000,
		),
	);
}

/**
 * What old sites drag along: other character sets, no key at all.
 */
function old_tables(): array {
	global $wpdb;
	$home = home_url();
	$p    = $wpdb->prefix;
	$from = "FROM NUMBERS JOIN {$p}passages p ON p.id = seq * 53 % " . PASSAGES;
	return array(
		array(
			"CREATE TABLE {$p}large_latin (id int NOT NULL AUTO_INCREMENT PRIMARY KEY, title varchar(190) NOT NULL, body text, KEY title (title)) ENGINE=InnoDB DEFAULT CHARSET=latin1",
			"INSERT INTO {$p}large_latin (title,body) SELECT CONCAT( 'Été no. ', seq ), CONCAT( p.html, '$home/alt/', seq ) $from",
			240000,
		),
		array(
			"CREATE TABLE {$p}large_plane (slug varchar(100) NOT NULL PRIMARY KEY, body mediumtext) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3",
			"INSERT INTO {$p}large_plane SELECT CONCAT( LPAD( seq, 9, '0' ), '-ü' ), CONCAT( p.html, '紙 $home/', seq ) $from",
			260000,
		),
		array(
			"CREATE TABLE {$p}large_keyless (page varchar(190) NOT NULL, seen datetime NOT NULL DEFAULT '0000-00-00 00:00:00', visitor varbinary(16), agent text, KEY page (page)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4",
			// Every tenth row comes twice: without a key nothing forbids it.
			"INSERT INTO {$p}large_keyless (page,visitor,agent) SELECT CONCAT( '$home/visited/', n % 300 ), UNHEX( MD5( n ) ), CONCAT( 'Agent ', n, ' at $home/' ) FROM ( SELECT IF( seq % 10, seq, seq - 1 ) AS n FROM NUMBERS ) AS seen",
			60000,
		),
	);
}

/**
 * A view and a trigger, which are not copied; and the passages have done their work.
 */
function extras(): int {
	global $wpdb;
	$p = $wpdb->prefix;
	statement( "DROP TABLE {$p}passages" );
	statement( "CREATE VIEW {$p}large_paid AS SELECT id, gross FROM {$p}large_orders WHERE status = 'paid'" );
	statement( "CREATE TRIGGER {$p}large_touch BEFORE UPDATE ON {$p}large_orders FOR EACH ROW SET NEW.paid = NOW()" );
	return 2;
}
